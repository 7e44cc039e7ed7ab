/** Bluesky's AppView (app.bsky.* over XRPC): post views in feeds, lists and threads, with quotes inside them. */

import type { PostsInput, Preset, RouteInput } from '../preset.ts';

/** Quotes, with or without media, at any depth; those not found, blocked or detached have another type. */
function quotesBelow(json: string): PostsInput {
  const where = '$type == "app.bsky.embed.record#viewRecord"';
  return [{ json: `${json}..record`, where, id: 'uri', kind: 'embedded' }];
}

function viewsAt(json: string): PostsInput {
  return [
    { json, where: 'record.reply is present', id: 'uri', kind: 'reply' },
    { json, id: 'uri', kind: 'post' },
    ...quotesBelow(json),
  ];
}

const IS_VIEW = '$type == "app.bsky.feed.defs#postView"';

const FEED: PostsInput = [
  {
    json: '$.feed[*]',
    where: 'reason.$type == "app.bsky.feed.defs#reasonRepost"',
    id: 'post.uri',
    kind: 'repost',
  },
  { json: '$.feed[*]', where: 'post.record.reply is present', id: 'post.uri', kind: 'reply' },
  { json: '$.feed[*]', id: 'post.uri', kind: 'post' },
  { json: '$.feed[*].reply.root', where: IS_VIEW, id: 'uri', kind: 'embedded' },
  { json: '$.feed[*].reply.parent', where: IS_VIEW, id: 'uri', kind: 'embedded' },
  ...quotesBelow('$.feed[*]'),
];

/** The second form of threads: a flat list, in which hidden and deleted items have no post. */
const THREAD_V2: PostsInput = [
  { json: '$.thread[*]', where: 'value.post.record.reply is present', id: 'uri', kind: 'reply' },
  { json: '$.thread[*]', where: 'value.post is present', id: 'uri', kind: 'post' },
  ...quotesBelow('$.thread[*]'),
];

const NOTIFICATIONS: PostsInput = [
  {
    json: '$.notifications[*]',
    where: 'record.$type == "app.bsky.feed.post"',
    id: 'uri',
    kind: 'embedded',
  },
];

const METHODS: ReadonlyArray<readonly [method: string, posts: PostsInput]> = [
  ['app.bsky.feed.getAuthorFeed', FEED],
  ['app.bsky.feed.getTimeline', FEED],
  ['app.bsky.feed.getFeed', FEED],
  ['app.bsky.feed.getListFeed', FEED],
  ['app.bsky.feed.getActorLikes', FEED],
  ['app.bsky.feed.getPosts', viewsAt('$.posts[*]')],
  ['app.bsky.feed.getQuotes', viewsAt('$.posts[*]')],
  ['app.bsky.feed.searchPosts', viewsAt('$.posts[*]')],
  ['app.bsky.feed.getPostThread', [...viewsAt('$.thread..post').slice(0, 2), ...quotesBelow('$.thread')]],
  ['app.bsky.unspecced.getPostThreadV2', THREAD_V2],
  ['app.bsky.unspecced.getPostThreadOtherV2', THREAD_V2],
  [
    'app.bsky.bookmark.getBookmarks',
    [
      { json: '$.bookmarks[*].item', where: 'uri is absent', kind: 'none' },
      { json: '$.bookmarks[*].item', where: 'notFound == true', kind: 'none' },
      { json: '$.bookmarks[*].item', where: 'blocked == true', kind: 'none' },
      ...viewsAt('$.bookmarks[*].item'),
    ],
  ],
  ['app.bsky.notification.listNotifications', NOTIFICATIONS],
  ['app.bsky.feed.getFeedSkeleton', [{ json: '$.feed[*]', id: 'post', kind: 'reference' }]],
];

export const blueskyAppview: Preset = {
  name: 'bluesky-appview',
  title: 'Bluesky AppView (app.bsky over XRPC)',
  source: [
    'https://docs.bsky.app/docs/category/http-reference',
    'https://github.com/bluesky-social/atproto/tree/main/lexicons/app/bsky/feed',
    'https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/embed/record.json',
  ],
  notes: {
    post: 'Items of feeds, lists, searches and threads.',
    reply: 'Posts that reply to another post.',
    repost: 'Items that are in a feed because of a repost.',
    embedded: 'Quotes, the root and parent shown with a reply, posts in notifications.',
    reference: 'Addresses of posts that feed generators return.',
  },
  routes: METHODS.map(
    ([method, posts]): RouteInput => ({ path: `/xrpc/${method}`, methods: ['GET'], posts }),
  ),
};
