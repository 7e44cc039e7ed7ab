/** Threads API: lists of media as edges of a user or a post. By default an item has only its id. */

import type { PostsInput, Preset } from '../preset.ts';
import { edge, nodeAt, nodes } from './graph.ts';

function insideOf(json: string): PostsInput {
  return [
    { json: `${json}.quoted_post`, id: 'id', kind: 'embedded' },
    { json: `${json}.reposted_post`, id: 'id', kind: 'embedded' },
    { json: `${json}.children.data[*]`, id: 'id', kind: 'media' },
  ];
}

function mediaAt(json: string): PostsInput {
  return [
    { json, where: 'media_type == "REPOST_FACADE"', id: 'id', kind: 'repost' },
    { json, where: 'is_reply == true', id: 'id', kind: 'reply' },
    { json, id: 'id', kind: 'post' },
    ...insideOf(json),
  ];
}

function repliesAt(json: string): PostsInput {
  return [{ json, id: 'id', kind: 'reply' }, ...insideOf(json)];
}

const NODE: PostsInput = [
  { json: '$', where: 'media_type == "REPOST_FACADE"', id: 'id', kind: 'repost' },
  { json: '$', where: 'is_reply == true', id: 'id', kind: 'reply' },
  ...nodeAt('$'),
  { json: '$', where: 'text is present', id: 'id', kind: 'post' },
  ...insideOf('$'),
];

const LIST = mediaAt('$.data[*]');

export const threads: Preset = {
  name: 'threads',
  title: 'Threads API',
  source: [
    'https://developers.facebook.com/docs/threads/threads-media',
    'https://developers.facebook.com/docs/threads/retrieve-and-manage-replies/replies-and-conversations/',
    'https://developers.facebook.com/docs/threads/keyword-search',
  ],
  notes: {
    post: 'Items of lists, with any fields; a post by its id, if more than the id was requested.',
    reply: 'Items of /replies and /conversation, and others with is_reply.',
    repost: 'Items of the media type REPOST_FACADE.',
    media: 'Parts of a carousel.',
    embedded: 'Posts that were quoted or reposted.',
  },
  doubts: ['Outside of /replies and /conversation, a reply counts as a post if the client omits is_reply.'],
  routes: [
    ...['threads', 'mentions', 'ghost_posts'].flatMap((name) => edge(name, LIST)),
    ...['replies', 'conversation', 'pending_replies'].flatMap((name) => edge(name, repliesAt('$.data[*]'))),
    ...['/keyword_search', '/profile_posts', '/*/keyword_search', '/*/profile_posts'].map((path) => ({
      path,
      methods: ['GET'],
      posts: LIST,
    })),
    ...nodes(NODE, LIST),
  ],
};
