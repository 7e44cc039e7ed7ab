/** Tumblr API v2: posts in the legacy format and in NPF. */

import { alsoAsScript } from '../jsonp.ts';
import type { PostsInput, Preset, RouteInput } from '../preset.ts';

/** The trail of a reblog contains the whole content of the earlier posts. */
function postsAt(json: string): PostsInput {
  return [
    { json, where: 'reblogged_from_id != null', id: 'id', kind: 'repost' },
    { json, where: 'parent_post_id != null', id: 'id', kind: 'repost' },
    { json, id: 'id', kind: 'post' },
    { json: `${json}.trail[*]`, id: 'post.id', kind: 'embedded' },
    { json: `${json}.notes[*]`, where: 'type == "reply"', kind: 'reply' },
  ];
}

/** A place that may also contain other objects. */
function postsAmong(json: string): PostsInput {
  return [{ json, where: 'object_type != "post"', kind: 'none' }, ...postsAt(json)];
}

const BLOG: PostsInput = [
  ...postsAt('$.response.posts[*]'),
  // A post requested by its id is the response itself.
  { json: '$.response', where: 'posts is present', kind: 'none' },
  { json: '$.response', where: 'object_type is absent', kind: 'none' },
  ...postsAmong('$.response'),
];

const ROUTES: ReadonlyArray<readonly [path: string, posts: PostsInput]> = [
  ['/v2/blog/*/posts/**', BLOG],
  ['/v2/user/dashboard', postsAt('$.response.posts[*]')],
  ['/v2/blog/*/likes', postsAt('$.response.liked_posts[*]')],
  ['/v2/user/likes', postsAt('$.response.liked_posts[*]')],
  ['/v2/tagged', postsAt('$.response[:]')],
  ['/v2/blog/*/notes', [{ json: '$.response.notes[*]', where: 'type == "reply"', kind: 'reply' }]],
  [
    '/v2/**',
    [
      { json: '$.response.timeline.elements[*]', where: 'object_type is absent', kind: 'none' },
      ...postsAmong('$.response.timeline.elements[*]'),
    ],
  ],
];

export const tumblr: Preset = {
  name: 'tumblr',
  title: 'Tumblr API v2',
  source: [
    'https://www.tumblr.com/docs/en/api/v2',
    'https://github.com/tumblr/docs/blob/master/api.md',
    'https://github.com/tumblr/docs/blob/master/npf-spec.md',
  ],
  notes: {
    post: 'Posts of a blog, the dashboard, likes, tags and timelines.',
    reply: 'Notes that are replies: in /notes, and in posts with notes_info.',
    repost: 'Reblogs, if the response marks them (reblog_info, npf).',
    embedded: 'The trail of a reblog: each earlier post with its whole content.',
  },
  doubts: ['A reblog in the legacy format without reblog_info counts as a post.'],
  routes: ROUTES.map(([path, posts]): RouteInput => ({ path, methods: ['GET'], posts })).flatMap(
    alsoAsScript,
  ),
};
