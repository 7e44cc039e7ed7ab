/** Ghost: posts in the Content API and the Admin API, comments of members, the front end and its feeds. */

import type { PostsInput, Preset, RouteInput } from '../preset.ts';

const POSTS: PostsInput = [{ json: '$.posts[*]', id: 'id', kind: 'post' }];

/** A page of comments holds the first replies of each. */
const COMMENTS: PostsInput = [
  { json: '$.comments[*]', id: 'id', kind: 'reply' },
  { json: '$.comments[*].replies[*]', id: 'id', kind: 'reply' },
];

/** Before version 5 the version was a segment of the path: `/ghost/api/v3/content/posts/`. */
function api(path: string, posts: PostsInput): RouteInput[] {
  return [`/ghost/api/content${path}`, `/ghost/api/*/content${path}`, `/ghost/api/admin${path}`].map(
    (one) => ({ path: one, posts }),
  );
}

/** Ghost writes these classes itself (`post_class`, `body_class`); pages have both `post` and `page`. */
const PAGE: PostsInput = [
  { html: 'article.post:not(.page)', kind: 'post' },
  { html: 'body.post-template', otherwise: true, kind: 'post' },
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
    post: 'Posts in lists, by id and by slug, whole or cut to some fields; articles of a page; entries of feeds. Pages, tags and authors never count.',
    reply: 'Comments of members and the replies that they hold.',
    reference: 'Posts in the index of the search.',
  },
  doubts: [
    'A theme whose articles lack the classes of post_class shows posts that count nothing in lists, and one on their own page.',
    'The page of a post may show others below it: those with the classes of post_class count.',
    'A post whose text only members may read counts when it is delivered with its beginning alone.',
    'Ghost speaks ActivityPub at /.ghost/activitypub: name the preset "activitypub", too.',
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
