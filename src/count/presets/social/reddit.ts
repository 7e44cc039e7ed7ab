/** Reddit: on any path, things are listed with their kind: t3 posts, t1 comments, others neither. */

import type { PostsInput, Preset } from '../preset.ts';

function thingsAt(json: string): PostsInput {
  return [
    { json, where: 'kind == "t3"', id: 'data.name', kind: 'post' },
    { json, where: 'kind == "t1"', id: 'data.name', kind: 'reply' },
  ];
}

/** In the feeds of comments and of a discussion, ids are also full names. */
const FEED: PostsInput = [
  { feed: 'entry', where: 'id contains "t1_"', id: 'id', kind: 'reply' },
  { feed: 'entry', where: 'id contains "t5_"', id: 'id', kind: 'none' },
  { feed: 'entry', id: 'id', kind: 'post' },
];

export const reddit: Preset = {
  name: 'reddit',
  title: 'Reddit API',
  source: [
    'https://www.reddit.com/dev/api/',
    'https://github.com/reddit-archive/reddit/wiki/json',
    'https://www.reddit.com/wiki/rss',
  ],
  notes: {
    post: 'Links and texts (t3) in any listing.',
    reply: 'Comments (t1) at any depth of a discussion, and those that /api/morechildren adds.',
    embedded: 'The original posts of crossposts.',
  },
  doubts: ['Ids of comments that a listing omits (kind "more") count nothing.'],
  routes: [
    {
      path: '/api/morechildren',
      methods: ['GET', 'POST'],
      contentType: 'application/json',
      posts: thingsAt('$.json.data.things[*]'),
    },
    {
      path: '/**',
      name: 'reddit listings',
      methods: ['GET'],
      contentType: 'application/json',
      posts: [
        ...thingsAt('$..children[*]'),
        { json: '$..crosspost_parent_list[*]', id: 'name', kind: 'embedded' },
      ],
    },
    {
      path: '/**',
      name: 'reddit feeds',
      methods: ['GET'],
      contentType: 'application/atom+xml',
      format: 'feed',
      posts: FEED,
    },
  ],
};
