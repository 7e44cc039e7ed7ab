/** Lemmy: the API v3 of 0.19, and v4 of 1.0, which mixes posts and comments in lists. */

import type { PostsInput, Preset, RouteInput } from '../preset.ts';

/** Posts and comments have separate number ranges, so their addresses are the ids. */
function postsAt(json: string): PostsInput {
  return [{ json, id: 'post.ap_id', kind: 'post' }];
}

/** A view of a comment contains its whole post. */
function commentsAt(json: string): PostsInput {
  return [
    { json, id: 'comment.ap_id', kind: 'reply' },
    { json: `${json}.post`, id: 'ap_id', kind: 'embedded' },
  ];
}

/** Lists that also contain communities and persons. */
function viewsAt(json: string): PostsInput {
  return [
    { json, where: 'comment is present', id: 'comment.ap_id', kind: 'reply' },
    { json, where: 'post is present', id: 'post.ap_id', kind: 'post' },
  ];
}

/** Cross-posts are other posts of the same link, which a post lists. */
const POST: PostsInput = [
  ...postsAt('$.post_view'),
  { json: '$.cross_posts[*]', id: 'post.ap_id', kind: 'embedded' },
];
const COMMENT = commentsAt('$.comment_view');
const BOTH: PostsInput = [...postsAt('$.posts[*]'), ...commentsAt('$.comments[*]')];
/** The name of a page's list changed several times before 1.0. */
const MIXED: PostsInput = [
  ...['items', 'content', 'results', 'search', 'saved', 'liked', 'read', 'hidden'].flatMap((name) =>
    viewsAt(`$.${name}[*]`),
  ),
  ...BOTH,
];

type Routes = ReadonlyArray<readonly [path: string, posts: PostsInput]>;

const V3: Routes = [
  ['/api/v3/post/list', BOTH],
  ['/api/v3/post', POST],
  ['/api/v3/comment/list', BOTH],
  ['/api/v3/comment', COMMENT],
  ['/api/v3/search', BOTH],
  ['/api/v3/user', BOTH],
  ['/api/v3/user/replies', commentsAt('$.replies[*]')],
  ['/api/v3/user/mention', commentsAt('$.mentions[*]')],
  ['/api/v3/resolve_object', [...postsAt('$.post'), ...commentsAt('$.comment')]],
];

const V4: Routes = [
  ['/api/v4/post', POST],
  ['/api/v4/comment', COMMENT],
  [
    '/api/v4/resolve_object',
    [...viewsAt('$.resolve'), ...viewsAt('$.results[*]'), ...postsAt('$.post'), ...commentsAt('$.comment')],
  ],
  [
    '/api/v4/account/notification/list',
    ['items', 'notifications'].flatMap((name) => viewsAt(`$.${name}[*].data`)),
  ],
  ['/api/v4/search', [...viewsAt('$.resolve'), ...MIXED]],
  ['/api/v4/**', MIXED],
];

export const lemmy: Preset = {
  name: 'lemmy',
  title: 'Lemmy API v3 and v4',
  source: [
    'https://join-lemmy.org/api/',
    'https://github.com/LemmyNet/lemmy-js-client/tree/main/src/types',
    'https://join-lemmy.org/docs/contributors/04-api.html',
  ],
  notes: {
    post: 'Views of posts in lists, searches, of a person and by id; entries of feeds.',
    reply: 'Views of comments, in inboxes too.',
    embedded:
      'The whole post that a listed comment contains (in lists of v3), and the cross-posts of a post.',
  },
  doubts: ['Lemmy serves ActivityPub at the same addresses: use both presets.'],
  routes: [
    ...[...V3, ...V4].map(([path, posts]): RouteInput => ({ path, methods: ['GET'], posts })),
    {
      path: '/feeds/**',
      methods: ['GET'],
      format: 'feed',
      posts: [
        { feed: 'entry', where: 'guid contains "/comment/"', id: 'guid', kind: 'reply' },
        { feed: 'entry', id: 'guid', kind: 'post' },
      ],
    },
  ],
};
