/** The kinds of posts, and the operator's switches that decide which of them count. */

import { z } from 'zod';

/**
 * By kind: whether it counts by default, and its description. The kinds that the clause names count: posts, reply
 * posts, video posts, image posts (which are posts) and any other post, which includes reposts. Doubtful cases (does a
 * quote inside a post count?) favour the client.
 */
const SWITCHES = {
  post: [true, 'Posts and articles, including image and video posts.'],
  reply: [true, 'Replies and comments.'],
  repost: [true, 'Reposts of another author.'],
  media: [false, 'Media that are listed separately, with or without their post.'],
  embedded: [
    false,
    'Posts inside another post: quotes, the context of a reply. Each id counts once per response, and not at all if the response also contains the post itself.',
  ],
  reference: [false, 'Links and previews that refer to a post without containing it.'],
} as const;

/** The kind of an item, as specified by the selector that found it. */
export type Kind = keyof typeof SWITCHES;
export const KINDS = Object.keys(SWITCHES) as Kind[];

export type Kinds = Readonly<Record<Kind, boolean>>;

function byKind<T>(of: (kind: Kind) => T): Record<Kind, T> {
  return Object.fromEntries(KINDS.map((kind) => [kind, of(kind)])) as Record<Kind, T>;
}

export const DEFAULT_KINDS: Kinds = byKind((kind) => SWITCHES[kind][0]);

/** Some of the switches; the others keep their values. */
export const kindsSchema = z
  .strictObject(byKind((kind) => z.boolean().describe(SWITCHES[kind][1])))
  .partial();

/** Returns the switches with some of them changed. */
export function withKinds(kinds: Kinds, changes: z.output<typeof kindsSchema> | undefined): Kinds {
  return changes === undefined ? kinds : byKind((kind) => changes[kind] ?? kinds[kind]);
}
