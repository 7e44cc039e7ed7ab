/**
 * Common parts of Meta's Graph APIs: edges with or without a version in the path, several nodes by `ids`, and
 * batches.
 */

import type { PostsInput, RouteInput } from '../preset.ts';

/** `/{node}/{edge}`, and the same below a version. */
export function edge(name: string, posts: PostsInput): RouteInput[] {
  return [`/*/${name}`, `/*/*/${name}`].map((path) => ({ path, methods: ['GET'], posts }));
}

/**
 * A node by its id may be a post, a comment or a user; its members show which. A node requested with only its id does
 * not count as a served post.
 */
export function nodeAt(json: string): PostsInput {
  return ['permalink', 'media_type', 'media_url', 'caption', 'shortcode'].map((member) => ({
    json,
    where: `${member} is present`,
    id: 'id',
    kind: 'post' as const,
  }));
}

/** Nodes by id: alone, several by `ids`, or as responses of a batch, each of which is a string that contains JSON. */
export function nodes(posts: PostsInput, listed: PostsInput): RouteInput[] {
  const batched: PostsInput = [...posts, ...listed].map((entry) =>
    'json' in entry ? { ...entry, json: '$[:].body', inside: entry.json } : entry,
  );
  return [
    ...['/', '/*'].flatMap((path): RouteInput[] => [
      { path, name: 'graph nodes by ids', methods: ['GET'], query: { ids: '*' }, posts: nodeAt('$[*]') },
      { path, name: 'graph batch', methods: ['POST'], posts: batched },
    ]),
    ...['/*', '/*/*'].map((path): RouteInput => ({ path, name: 'graph node', methods: ['GET'], posts })),
  ];
}
