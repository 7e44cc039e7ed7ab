/** Ghost: posts in the Content API and the Admin API, comments of members, the front end and its feeds. */

import type { PostsInput, Preset, RouteInput } from '../preset.ts';

const POSTS: PostsInput = [{ json: '$.posts[*]', id: 'id', kind: 'post' }];

/** A page of comments contains the first replies of each. */
const COMMENTS: PostsInput = [
  { json: '$.comments[*]', id: 'id', kind: 'reply' },
  { json: '$.comments[*].replies[*]', id: 'id', kind: 'reply' },
];

/** Before version 5 the path contained the version: `/ghost/api/v3/content/posts/`. */
function api(path: string, posts: PostsInput): RouteInput[] {
  return [`/ghost/api/content${path}`, `/ghost/api/*/content${path}`, `/ghost/api/admin${path}`].map(
    (one) => ({ path: one, posts }),
  );
}

/** Ghost itself writes these classes (`post_class`, `body_class`); its pages have both `post` and `page`. */
const PAGE: PostsInput = [
  { html: 'article.post:not(.page)', kind: 'post' },
  { html: 'body.post-template', fallback: true, kind: 'post' },
];

const FEEDS = ['/rss', '/*/rss', '/*/*/rss', '/rss/*', '/*/rss/*', '/*/*/rss/*'];

export const ghost: Preset = {
  name: 'ghost',
  title: 'Ghost: Content API, comments, front end and feeds',
  source: [
    'https://docs.ghost.org/content-api',
    'https://docs.ghost.org/admin-api',
    'https://docs.ghost.org/themes/helpers/functional/post_class',
    'https://github.com/TryGhost/Ghost/tree/main/ghost/core/core/server/api/endpoints',
  ],
  notes: {
    post: 'Posts in lists, by id and by slug, whole or reduced to some fields; articles of a page; entries of feeds. Pages, tags and authors never count.',
    reply: 'Comments of members and their replies.',
    reference: 'Posts in the search index.',
  },
  doubts: [
    'If a theme lacks the classes of post_class, its posts count 0 in lists and 1 on their own page.',
    'The page of a post may show other posts below it; those with the classes of post_class count.',
    'A members-only post counts even if only its beginning is delivered.',
    'Ghost serves ActivityPub at /.ghost/activitypub: use the preset "activitypub" too.',
  ],
  routes: [
    ...api('/posts/**', POSTS),
    ...api('/search-index/posts', [{ json: '$.posts[*]', id: 'id', kind: 'reference' }]),
    { path: '/members/api/comments/**', name: 'ghost comments', posts: COMMENTS },
    ...FEEDS.map(
      (path): RouteInput => ({
        path,
        name: 'ghost feed',
        format: 'feed',
        optional: true,
        posts: [{ feed: 'entry', id: 'guid', kind: 'post' }],
      }),
    ),
    { path: '/**', name: 'ghost page', contentType: 'text/html', format: 'html', posts: PAGE },
  ],
};
