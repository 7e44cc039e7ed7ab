/**
 * AT Protocol repositories: records as JSON, whole accounts as CAR, every new record in the firehose and Jetstream.
 */

import type { PostsInput, Preset, RouteInput } from '../preset.ts';

const POST = 'app.bsky.feed.post';

const RECORDS: PostsInput = [
  { record: POST, where: 'reply is present', kind: 'reply' },
  { record: POST, kind: 'post' },
];

/** One record or a list of them, by the requested collection. */
function recordsAt(json: string): PostsInput {
  return [
    { json, where: `value.$type != "${POST}"`, kind: 'none' },
    { json, where: 'value.reply is present', id: 'uri', kind: 'reply' },
    { json, id: 'uri', kind: 'post' },
  ];
}

/** A repost is a record that names a post without containing it. */
function repostsAt(json: string): PostsInput {
  return [{ json, id: 'uri', kind: 'reference' }];
}

const COLLECTIONS: ReadonlyArray<readonly [collection: string, recordsOf: (json: string) => PostsInput]> = [
  [POST, recordsAt],
  ['app.bsky.feed.repost', repostsAt],
];

const JETSTREAM: PostsInput = [
  { json: '$.commit', where: `record.$type != "${POST}"`, kind: 'none' },
  { json: '$.commit', where: 'record is absent', kind: 'none' },
  { json: '$.commit', where: 'record.reply is present', id: 'cid', kind: 'reply' },
  { json: '$.commit', id: 'cid', kind: 'post' },
];

export const blueskyPds: Preset = {
  name: 'bluesky-pds',
  title: 'AT Protocol PDS and relay: records, repositories, firehose',
  source: [
    'https://atproto.com/specs/repository',
    'https://atproto.com/specs/sync',
    'https://github.com/bluesky-social/atproto/tree/main/lexicons/com/atproto',
    'https://github.com/bluesky-social/jetstream',
  ],
  notes: {
    post: `Records of the type ${POST}, individually, in a whole repository or as they are created.`,
    reply: 'Posts that reply to another post.',
    reference: 'Records of reposts, which name a post without containing it.',
  },
  routes: [
    ...COLLECTIONS.flatMap(([collection, recordsOf]): RouteInput[] => [
      {
        path: '/xrpc/com.atproto.repo.listRecords',
        name: `listRecords ${collection}`,
        methods: ['GET'],
        query: { collection },
        posts: recordsOf('$.records[*]'),
      },
      {
        path: '/xrpc/com.atproto.repo.getRecord',
        name: `getRecord ${collection}`,
        methods: ['GET'],
        query: { collection },
        posts: recordsOf('$'),
      },
    ]),
    ...['getRepo', 'getRecord', 'getBlocks', 'getCheckout'].map(
      (method): RouteInput => ({
        path: `/xrpc/com.atproto.sync.${method}`,
        methods: ['GET'],
        contentType: 'application/vnd.ipld.car',
        format: 'car',
        posts: RECORDS,
      }),
    ),
    { path: '/xrpc/com.atproto.sync.subscribeRepos', format: 'firehose', posts: RECORDS },
    { path: '/subscribe', name: 'jetstream', format: 'websocket', posts: JETSTREAM },
  ],
};
