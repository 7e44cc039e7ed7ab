/** X API v2: posts are `data`, one or a list, on endpoints that also send users, rules and counts as `data`. */

import type { PostsInput, Preset, RouteInput } from '../preset.ts';

/** Items that expansions add to any response. */
const INCLUDED: PostsInput = [
  { json: '$.includes.tweets[*]', id: 'id', kind: 'embedded' },
  { json: '$.includes.media[*]', id: 'media_key', kind: 'media' },
];

function postsAt(json: string): PostsInput {
  return [
    { json, where: 'in_reply_to_user_id != null', id: 'id', kind: 'reply' },
    { json, id: 'id', kind: 'post' },
    ...INCLUDED,
  ];
}

const LISTS = [
  '/2/tweets',
  '/2/tweets/search/recent',
  '/2/tweets/search/all',
  '/2/tweets/*/quote_tweets',
  '/2/users/*/tweets',
  '/2/users/*/mentions',
  '/2/users/*/liked_tweets',
  '/2/users/*/bookmarks',
  '/2/users/*/timelines/reverse_chronological',
  '/2/users/reposts_of_me',
  '/2/lists/*/tweets',
  '/2/spaces/*/tweets',
  '/2/notes/search/posts_eligible_for_notes',
];

const STREAMS = [
  '/2/tweets/search/stream',
  '/2/tweets/sample/stream',
  '/2/tweets/sample10/stream',
  '/2/tweets/firehose/stream/**',
];

function get(path: string, posts: PostsInput): RouteInput {
  return { path, methods: ['GET'], posts };
}

function stream(path: string, posts: PostsInput): RouteInput {
  return { path, methods: ['GET'], format: 'ndjson', posts };
}

export const x: Preset = {
  name: 'x',
  title: 'X API v2',
  source: ['https://api.x.com/2/openapi.json', 'https://docs.x.com/x-api/fundamentals/data-dictionary'],
  notes: {
    post: 'Posts that are the response itself: in lists, by id, in streams; includes quotes and reposts in timelines.',
    reply: 'Posts that reply to a user, if the client requests tweet.fields=in_reply_to_user_id.',
    repost: 'Items of /2/tweets/:id/retweets.',
    media: 'Media that expansions=attachments.media_keys adds.',
    embedded: 'Posts that expansions add: quoted, reposted, replied-to and pinned posts.',
    reference: 'Ids of posts in a folder of bookmarks.',
  },
  doubts: ['A reply counts as a post if the client omits in_reply_to_user_id, even with "reply": false.'],
  routes: [
    ...LISTS.map((path) => get(path, postsAt('$.data[*]'))),
    get('/2/tweets/*', postsAt('$.data')),
    get('/2/tweets/*/retweets', [{ json: '$.data[*]', id: 'id', kind: 'repost' }, ...INCLUDED]),
    get('/2/users/*/bookmarks/folders/*', [{ json: '$.data[*]', id: 'id', kind: 'reference' }]),
    ...STREAMS.map((path) => stream(path, postsAt('$.data'))),
    stream('/2/likes/firehose/stream', INCLUDED),
    stream('/2/likes/sample10/stream', INCLUDED),
    { path: '/2/tweets/search/stream/rules', posts: 'none' },
    { path: '/2/tweets/compliance/stream', posts: 'none' },
    { path: '/2/tweets/label/stream', posts: 'none' },
    { path: '/2/likes/compliance/stream', posts: 'none' },
    { path: '/2/users/compliance/stream', posts: 'none' },
    { path: '/2/activity/stream', posts: 'none' },
    get('/2/**', INCLUDED),
  ],
};
