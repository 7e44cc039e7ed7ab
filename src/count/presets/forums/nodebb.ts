/** NodeBB: posts of topics in its read and write API, over socket.io, in pages and in feeds. */

import type { PostsInput, Preset, RouteInput } from '../preset.ts';

/** The first post of a topic has the index 0. Without an index a reply cannot be recognised. */
function postsAt(json: string): PostsInput {
  return [
    { json, where: 'index == 0', id: 'pid', kind: 'post' },
    { json, where: 'isMainPost == true', id: 'pid', kind: 'post' },
    { json, id: 'pid', kind: 'reply' },
  ];
}

/** A topic in a list shows the beginning of its last post. */
const TEASERS: PostsInput = [{ json: '$.topics[*].teaser', id: 'pid', kind: 'reference' }];

const LISTS: PostsInput = [...postsAt('$.posts[*]'), ...TEASERS];

/** Responses of the write API contain their subject in `response`. */
const WRITTEN: PostsInput = [
  { json: '$.response', where: 'pid is absent', kind: 'none' },
  ...postsAt('$.response'),
  ...postsAt('$.response.replies[*]'),
  ...postsAt('$.response.posts[*]'),
];

/** Contents of events and acknowledgements: new and older posts of a topic, an edited one, a post by its number. */
const PACKETS: PostsInput = [
  ...postsAt('$.posts[*]'),
  ...postsAt('$.post'),
  ...TEASERS,
  { json: '$', where: 'pid is absent', kind: 'none' },
  { json: '$', where: 'content is absent', kind: 'none' },
  ...postsAt('$'),
];

/** All themes use these attributes, whatever their markup. */
const PAGE: PostsInput = [
  { html: '[component=post][data-index="0"]', id: 'data-pid', kind: 'post' },
  { html: '[component=post]', id: 'data-pid', kind: 'reply' },
];

/** In a topic's feed the channel description is the first post, and the items are the replies. */
const TOPIC_FEED: PostsInput = [
  { xml: '/rss/channel/description', kind: 'post' },
  { xml: '/rss/channel/item', id: 'guid', kind: 'reply' },
];

const FEED_TYPES = ['application/xml', 'text/xml', 'application/rss+xml'];

export const nodebb: Preset = {
  name: 'nodebb',
  title: 'NodeBB: API, socket.io, pages and feeds',
  source: [
    'https://docs.nodebb.org/api/read/',
    'https://docs.nodebb.org/api/write/',
    'https://github.com/NodeBB/NodeBB/blob/master/src/routes/feeds.js',
    'https://github.com/NodeBB/NodeBB/tree/master/src/socket.io',
  ],
  notes: {
    post: 'The first post of a topic, and topics in feeds.',
    reply: 'The other posts, and posts without a position in their topic.',
    reference: 'The last post of a topic in a list, which shows its beginning.',
  },
  doubts: [
    'The description of the feed of a topic counts as its first post, even if the topic is empty.',
    'The raw text of a post (posts.getRawPost, /raw) is not counted, because it cannot be recognised as a post.',
    'A chat message is not a post.',
  ],
  routes: [
    { path: '/socket.io', name: 'nodebb socket.io', format: 'socketio', posts: PACKETS },
    { path: '/api/v3/posts/**', name: 'nodebb write API', posts: WRITTEN },
    { path: '/api/v3/topics/**', name: 'nodebb write API', posts: WRITTEN },
    { path: '/api/**', name: 'nodebb read API', contentType: 'application/json', posts: LISTS },
    ...FEED_TYPES.flatMap((contentType): RouteInput[] => [
      { path: '/topic/*', name: 'nodebb feed of a topic', contentType, format: 'xml', posts: TOPIC_FEED },
      {
        path: '/**',
        name: 'nodebb feed',
        contentType,
        format: 'feed',
        optional: true,
        posts: [
          { feed: 'entry', where: 'link contains "/post/"', id: 'guid', kind: 'reply' },
          { feed: 'entry', id: 'guid', kind: 'post' },
        ],
      },
    ]),
    { path: '/**', name: 'nodebb page', contentType: 'text/html', format: 'html', posts: PAGE },
  ],
};
