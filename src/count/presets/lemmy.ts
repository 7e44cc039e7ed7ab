/** Lemmy: the API v3 of 0.19, and v4 of 1.0, which mixes posts and comments in lists. */

import type { PostsInput, Preset, RouteInput } from './preset.ts';

/** A view of a comment holds its whole post; posts and comments have numbers of their own, so their URLs tell. */
function viewsAt(json: string): PostsInput {
  return [
    { json, where: 'comment is present', id: 'comment.ap_id', kind: 'reply' },
    { json, where: 'post is present', id: 'post.ap_id', kind: 'post' },
    { json: `${json}.post`, id: 'ap_id', kind: 'embedded' },
  ];
}

const POST: PostsInput = [...viewsAt('$.post_view'), ...viewsAt('$.cross_posts[*]').map(embedded)];
const COMMENT = viewsAt('$.comment_view');
const BOTH: PostsInput = [...viewsAt('$.posts[*]'), ...viewsAt('$.comments[*]')];
/** Names of the one list changed on the way to 1.0. */
const MIXED: PostsInput = [
  ...['items', 'content', 'results', 'search', 'saved', 'liked', 'read', 'hidden'].flatMap((name) =>
    viewsAt(`$.${name}[*]`).slice(0, 2),
  ),
  ...BOTH,
];

/** Other posts of the same link, shown beside a post. */
function embedded(entry: PostsInput[number]): PostsInput[number] {
  return { ...entry, kind: 'embedded' };
}

const V3: ReadonlyArray<readonly [path: string, posts: PostsInput]> = [
  ['/api/v3/post/list', BOTH],
  ['/api/v3/post', POST],
  ['/api/v3/comment/list', BOTH],
  ['/api/v3/comment', COMMENT],
  ['/api/v3/search', BOTH],
  ['/api/v3/user', BOTH],
  ['/api/v3/user/replies', viewsAt('$.replies[*]')],
  ['/api/v3/user/mention', viewsAt('$.mentions[*]')],
  ['/api/v3/resolve_object', [...viewsAt('$.post'), ...viewsAt('$.comment')]],
];

const V4: ReadonlyArray<readonly [path: string, posts: PostsInput]> = [
  ['/api/v4/post', POST],
  ['/api/v4/comment', COMMENT],
  [
    '/api/v4/resolve_object',
    [...viewsAt('$.resolve'), ...viewsAt('$.post'), ...viewsAt('$.comment'), ...viewsAt('$.results[*]')],
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
    embedded: 'The whole post that each view of a comment holds, and cross-posts beside a post.',
  },
  doubts: ['Lemmy speaks ActivityPub at the same addresses: name both presets.'],
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
