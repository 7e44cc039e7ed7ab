/** Discourse: posts of topics in JSON, in pages for crawlers, and in feeds. */

import type { PostsInput, Preset, RouteInput } from '../preset.ts';

/** The posts of a topic include small actions ("closed this topic"), which are not posts. */
function postsAt(json: string): PostsInput {
  return [
    { json, where: 'post_type == 3', kind: 'none' },
    { json, where: 'post_number == 1', id: 'id', kind: 'post' },
    { json, id: 'id', kind: 'reply' },
  ];
}

const JSON_ROUTES: ReadonlyArray<readonly [path: string, posts: PostsInput]> = [
  ['/t/**', postsAt('$.post_stream.posts[*]')],
  ['/posts.json', postsAt('$.latest_posts[*]')],
  ['/posts', postsAt('$.latest_posts[*]')],
  ['/private-posts.json', postsAt('$.private_posts[*]')],
  ['/posts/by_number/*/*', postsAt('$')],
  ['/posts/*/replies.json', postsAt('$[:]')],
  ['/posts/*/replies', postsAt('$[:]')],
  ['/posts/*/reply-history.json', postsAt('$[:]')],
  ['/posts/*/reply-history', postsAt('$[:]')],
  ['/posts/*', postsAt('$')],
  ['/search.json', [{ json: '$.posts[*]', id: 'id', kind: 'reference' }]],
  ['/search', [{ json: '$.posts[*]', id: 'id', kind: 'reference' }]],
  ['/search/query', [{ json: '$.posts[*]', id: 'id', kind: 'reference' }]],
  ['/user_actions.json', [{ json: '$.user_actions[*]', id: 'post_id', kind: 'reference' }]],
];

/** Each post of a topic follows a line such as `ann | 2026-11-30 10:00:00 UTC | #1`. */
const RAW_TOPIC: PostsInput = [
  { text: 'line', line: '* | * UTC | #1', kind: 'post' },
  { text: 'line', line: '* | * UTC | #*', kind: 'reply' },
];

/** Rails treats a POST as a GET if `_method` or X-HTTP-Method-Override says so. */
const READING = ['GET', 'POST'];

export const discourse: Preset = {
  name: 'discourse',
  title: 'Discourse',
  source: [
    'https://docs.discourse.org/',
    'https://github.com/discourse/discourse_api_docs/blob/main/openapi.yml',
    'https://github.com/discourse/discourse/blob/main/app/views/topics/show.html.erb',
  ],
  notes: {
    post: 'The first post of a topic, and topics in feeds. Topics in lists are not posts.',
    reply: 'The other posts of a topic.',
    reference: 'Results of a search and entries of /user_actions, which contain an excerpt.',
  },
  doubts: [
    'Text without markup (/raw) is split at its lines of author, date and number. An author can write such a line too.',
    'Pages for modern browsers contain their posts as text in an attribute: only pages for crawlers are counted.',
  ],
  routes: [
    ...JSON_ROUTES.map(
      ([path, posts]): RouteInput => ({ path, methods: READING, contentType: 'application/json', posts }),
    ),
    { path: '/raw/*', methods: READING, contentType: 'text/plain', format: 'text', posts: RAW_TOPIC },
    ...['/raw/*/*', '/posts/*/raw'].map(
      (path): RouteInput => ({
        path,
        methods: READING,
        contentType: 'text/plain',
        format: 'text',
        posts: [{ text: 'response', kind: 'reply' }],
      }),
    ),
    {
      path: '/t/**',
      name: 'discourse topic as a page',
      methods: READING,
      contentType: 'text/html',
      format: 'html',
      posts: [
        { html: '.crawler-post#post_1', kind: 'post' },
        { html: '.crawler-post', kind: 'reply' },
      ],
    },
    {
      path: '/t/**',
      name: 'discourse topic as a feed',
      methods: READING,
      contentType: 'application/rss+xml',
      format: 'feed',
      posts: [{ feed: 'entry', id: 'guid', kind: 'reply' }],
    },
    {
      path: '/**',
      name: 'discourse feed',
      methods: READING,
      contentType: 'application/rss+xml',
      format: 'feed',
      posts: [{ feed: 'entry', id: 'guid', kind: 'post' }],
    },
  ],
};
