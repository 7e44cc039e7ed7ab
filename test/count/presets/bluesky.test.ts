import { describe, expect, it } from 'vitest';
import { DEFAULT_KINDS, withKinds } from '../../../src/count/kinds.ts';
import { carOf, commitOf, create, like, POST, post } from '../atproto/repository.ts';
import { type Found, Serving } from './serving.ts';

const bluesky = new Serving('bluesky');
const uri = (id: number) => `at://did:plc:one/${POST}/${id}`;
const answered = { reply: { root: { uri: uri(90) }, parent: { uri: uri(91) } } };

/** A post view; in unions it names its type. */
const view = (id: number, more = {}, record = {}) => ({
  $type: 'app.bsky.feed.defs#postView',
  uri: uri(id),
  cid: `c${id}`,
  author: { did: 'did:plc:one', handle: 'ann.test' },
  record: { $type: POST, text: 't', ...record },
  likeCount: 0,
  ...more,
});
const quoted = (id: number, embeds: unknown[] = []) => ({
  $type: 'app.bsky.embed.record#viewRecord',
  uri: uri(id),
  value: { $type: POST, text: 'q' },
  embeds,
});
const quote = (record: unknown) => ({ embed: { $type: 'app.bsky.embed.record#view', record } });
const quoteWithMedia = (record: unknown) => ({
  embed: { $type: 'app.bsky.embed.recordWithMedia#view', record: { record }, media: { images: [] } },
});
const notFound = (id: number) => ({ $type: 'app.bsky.feed.defs#notFoundPost', uri: uri(id), notFound: true });
const repost = { reason: { $type: 'app.bsky.feed.defs#reasonRepost', by: { did: 'did:plc:two' } } };
const pin = { reason: { $type: 'app.bsky.feed.defs#reasonPin' } };

const FEED = [
  { post: view(1) },
  { post: view(2, {}, answered), reply: { root: view(90), parent: view(91) } },
  { post: view(3), ...repost },
  { post: view(4), ...pin },
  { post: view(5, quote(quoted(92, [quote(quoted(93)).embed]))) },
  { post: view(6, quoteWithMedia(quoted(94))) },
  { post: view(7, quote({ $type: 'app.bsky.embed.record#viewNotFound', uri: uri(95), notFound: true })) },
  { post: view(8, {}, answered), reply: { root: notFound(90), parent: view(1) } },
];
const thread = {
  $type: 'app.bsky.feed.defs#threadViewPost',
  post: view(2, quote(quoted(92)), answered),
  parent: { $type: 'app.bsky.feed.defs#threadViewPost', post: view(1) },
  replies: [
    { post: view(3, {}, answered), replies: [{ post: view(4, {}, answered), replies: [] }] },
    notFound(5),
    { $type: 'app.bsky.feed.defs#blockedPost', uri: uri(6), blocked: true },
  ],
};
const threadItem = (id: number, record = {}) => ({
  uri: uri(id),
  depth: 0,
  value: { $type: 'app.bsky.unspecced.defs#threadItemPost', post: view(id, {}, record) },
});
const gone = { uri: uri(9), depth: 1, value: { $type: 'app.bsky.unspecced.defs#threadItemNotFound' } };
const record = (id: number, more = {}) => ({
  uri: uri(id),
  cid: `c${id}`,
  value: { $type: POST, text: 't', ...more },
});
const reposted = { uri: 'at://did:plc:one/app.bsky.feed.repost/1', value: { $type: 'app.bsky.feed.repost' } };

describe('bluesky', () => {
  it.each<[string, string, unknown, Found]>([
    [
      'a feed',
      'app.bsky.feed.getAuthorFeed?actor=a',
      { feed: FEED, cursor: 'a' },
      // A sixth copy is of a post of the same page, which does not count again if posts are switched off.
      { post: 5, reply: 2, repost: 1, embedded: 5 },
    ],
    ['an empty feed', 'app.bsky.feed.getTimeline', { feed: [] }, {}],
    [
      'posts by address',
      'app.bsky.feed.getPosts?uris=a',
      { posts: [view(1), view(2, {}, answered)] },
      { post: 1, reply: 1 },
    ],
    [
      'a search',
      'app.bsky.feed.searchPosts?q=a',
      { posts: [view(1, quote(quoted(92)))], hitsTotal: 9 },
      { post: 1, embedded: 1 },
    ],
    ['a thread', 'app.bsky.feed.getPostThread?uri=a', { thread }, { post: 1, reply: 3, embedded: 1 }],
    ['a thread that is gone', 'app.bsky.feed.getPostThread', { thread: notFound(1) }, {}],
    [
      'a thread of the second shape',
      'app.bsky.unspecced.getPostThreadV2',
      { thread: [threadItem(1), threadItem(2, answered), gone] },
      { post: 1, reply: 1 },
    ],
    [
      'bookmarks',
      'app.bsky.bookmark.getBookmarks',
      { bookmarks: [{ subject: {}, item: view(1) }, { item: notFound(2) }] },
      { post: 1 },
    ],
    [
      'notifications',
      'app.bsky.notification.listNotifications',
      {
        notifications: [
          { uri: uri(1), reason: 'reply', record: { $type: POST } },
          { uri: 'at://b', reason: 'like', record: { $type: 'app.bsky.feed.like' } },
        ],
      },
      { embedded: 1 },
    ],
    [
      'a skeleton',
      'app.bsky.feed.getFeedSkeleton?feed=a',
      { feed: [{ post: uri(1) }, { post: uri(2) }] },
      { reference: 2 },
    ],
    ['a profile', 'app.bsky.actor.getProfile?actor=a', { did: 'did:plc:one', postsCount: 9 }, {}],
    [
      'records',
      `com.atproto.repo.listRecords?repo=a&collection=${POST}`,
      { records: [record(1), record(2, answered)] },
      { post: 1, reply: 1 },
    ],
    [
      'records of reposts',
      'com.atproto.repo.listRecords?repo=a&collection=app.bsky.feed.repost',
      { records: [reposted] },
      { reference: 1 },
    ],
    [
      'records of likes',
      'com.atproto.repo.listRecords?repo=a&collection=app.bsky.feed.like',
      { records: [{ uri: 'a', value: { $type: 'app.bsky.feed.like' } }] },
      {},
    ],
    ['a record', `com.atproto.repo.getRecord?repo=a&collection=${POST}&rkey=1`, record(1), { post: 1 }],
  ])('%s', (_name, method, body, found) => {
    expect(bluesky.found({ target: `/xrpc/${method}`, body })).toEqual(found);
  });

  it('counts each embedded post once, and not if the post itself is in the response', () => {
    const answer = { target: '/xrpc/app.bsky.feed.getAuthorFeed', body: { feed: FEED } };
    const kinds = withKinds(DEFAULT_KINDS, { embedded: true });
    // The context of the last item is the first item.
    expect(bluesky.count(answer, kinds).posts).toBe(8 + 5);
    expect(bluesky.different(answer, kinds)).toBe(13);
  });

  it('knows a post by its address, passed on or not', () => {
    const body = { feed: [{ post: view(1) }, { post: view(1), ...repost }] };
    const answer = { target: '/xrpc/app.bsky.feed.getTimeline', body };
    expect(bluesky.count(answer, DEFAULT_KINDS).posts).toBe(2);
    expect(bluesky.different(answer)).toBe(1);
  });

  const blocks = [post('a'), post('b', answered), like('c'), post('d')] as const;

  it.each(['getRepo?did=a', 'getRecord?did=a&rkey=1', 'getBlocks?did=a'])(
    'counts the CAR of %s',
    (method) => {
      const answer = { target: `/xrpc/com.atproto.sync.${method}`, contentType: 'application/vnd.ipld.car' };
      expect(bluesky.found({ ...answer, body: carOf(blocks) })).toEqual({ post: 2, reply: 1 });
    },
  );

  it('counts the firehose message by message', () => {
    const ops = blocks.map((block, i) => create(`${i === 2 ? 'app.bsky.feed.like' : POST}/${i}`, block));
    const body = [commitOf(ops, blocks), commitOf([{ action: 'delete', path: `${POST}/1`, cid: null }], [])];
    const answer = { target: '/xrpc/com.atproto.sync.subscribeRepos?cursor=0', status: 101, body };
    expect(bluesky.found(answer)).toEqual({ post: 2, reply: 1 });
  });

  it('counts Jetstream', () => {
    const commit = (more: object) => ({
      did: 'did:plc:one',
      kind: 'commit',
      commit: { operation: 'create', cid: 'c', ...more },
    });
    const body = [
      commit({ record: { $type: POST, text: 'a' } }),
      commit({ record: { $type: POST, ...answered } }),
      commit({ record: { $type: 'app.bsky.feed.like' } }),
      commit({ operation: 'delete', collection: POST }),
      { did: 'did:plc:one', kind: 'identity', identity: { handle: 'ann.test' } },
    ];
    expect(bluesky.found({ target: '/subscribe?wantedCollections=a', status: 101, body })).toEqual({
      post: 1,
      reply: 1,
    });
  });
});
