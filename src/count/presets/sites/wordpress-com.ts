/** WordPress.com's REST API v1, v1.1 and v1.2, and wp/v2 as WordPress.com serves it. */

import { alsoAsScript } from '../jsonp.ts';
import type { PostsInput, Preset, RouteInput } from '../preset.ts';
import { restItem, restList } from './wordpress-rest.ts';

/** With `http_envelope` the response is one level deeper. */
const BODIES = ['$', '$.body'];

/** `type=any` mixes pages into lists of posts. */
function postAt(json: string): PostsInput {
  return [
    { json, where: 'type == "page"', kind: 'none' },
    { json, where: 'type == "attachment"', id: 'global_ID', kind: 'media' },
    { json, id: 'global_ID', kind: 'post' },
    { json: `${json}.attachments[*]`, id: 'URL', kind: 'media' },
  ];
}

const POSTS = BODIES.flatMap((body) => postAt(`${body}.posts[*]`));
const COMMENTS = BODIES.map((body) => ({ json: `${body}.comments[*]`, id: 'URL', kind: 'reply' as const }));
const MEDIA = BODIES.map((body) => ({ json: `${body}.media[*]`, id: 'URL', kind: 'media' as const }));

/** An envelope, and an error inside one, are not items. */
const NO_ITEM: PostsInput = [
  { json: '$', where: 'body is present', kind: 'none' },
  { json: '$.body', where: 'error is present', kind: 'none' },
];
const POST = [...NO_ITEM, ...BODIES.flatMap(postAt)];
const COMMENT: PostsInput = [
  ...NO_ITEM,
  ...BODIES.map((json) => ({ json, id: 'URL', kind: 'reply' as const })),
];

const ROUTES: ReadonlyArray<readonly [path: string, posts: PostsInput]> = [
  ['/rest/*/sites/*/posts', POSTS],
  ['/rest/*/sites/*/posts/*', POST],
  ['/rest/*/sites/*/posts/*/replies', COMMENTS],
  ['/rest/*/sites/*/comments', COMMENTS],
  ['/rest/*/sites/*/comments/*', COMMENT],
  ['/rest/*/sites/*/media', MEDIA],
  ['/rest/*/me/posts', POSTS],
  ['/rest/*/me/likes', POSTS],
  ['/rest/*/read/sites/*/posts/*', POST],
  ['/rest/*/read/feed/*/posts/*', POST],
  ['/rest/*/read/**', POSTS],
  ['/wp/v2/sites/*/posts', restList('post')],
  ['/wp/v2/sites/*/posts/*', restItem('post')],
  ['/wp/v2/sites/*/comments', restList('reply')],
  ['/wp/v2/sites/*/comments/*', restItem('reply')],
  ['/wp/v2/sites/*/media', restList('media')],
];

export const wordpressCom: Preset = {
  name: 'wordpress-com',
  title: 'WordPress.com REST API v1.1, and wp/v2 there',
  source: [
    'https://developer.wordpress.com/docs/api/1.1/get/sites/%24site/posts/',
    'https://developer.wordpress.com/docs/api/1.1/get/sites/%24site/comments/',
    'https://developer.wordpress.com/docs/api/1.1/get/read/following/',
  ],
  notes: {
    post: 'Posts of a site, in the reader and by id. Pages never count.',
    reply: 'Comments.',
    media: 'The media library, and attachments of a post.',
    embedded: 'What _embed adds at wp/v2: comments, the post of a comment.',
  },
  doubts: ['A page counts as a post if the client omits its type (fields=).'],
  routes: ROUTES.map(([path, posts]): RouteInput => ({ path, methods: ['GET'], posts })).flatMap(
    alsoAsScript,
  ),
};
