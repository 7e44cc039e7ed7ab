/**
 * WordPress REST API wp/v2 in all its forms: pretty paths, index.php, `rest_route`, JSONP, envelopes, a posted route.
 */

import { alsoAsScript } from '../jsonp.ts';
import type { PostsInput, Preset, RouteInput } from '../preset.ts';

/** With `_envelope` the response is one level deeper, and the HTTP status is 200 even for an error. */
const LIST_PLACES = ['$[:]', '$.body[:]'];

/** The envelope itself, an error in one, and the description that OPTIONS returns are not items. */
const NO_ITEM: PostsInput = [
  { json: '$', where: 'body is present', kind: 'none' },
  { json: '$', where: 'namespace is present', kind: 'none' },
  { json: '$.body', where: 'code is present', kind: 'none' },
];
const SINGLE_PLACES = ['$', '$.body'];

/** Items that `_embed` adds: comments, the post of a comment or search result, media. */
function embeddedIn(place: string): PostsInput {
  const embedded = `${place}._embedded`;
  return [
    { json: `${embedded}.replies[:][:]`, id: 'link', kind: 'embedded' },
    { json: `${embedded}.up[:]`, where: 'code is absent', id: 'id', kind: 'embedded' },
    { json: `${embedded}.self[:]`, where: 'code is absent', id: 'id', kind: 'embedded' },
    { json: `${embedded}['in-reply-to'][:]`, where: 'code is absent', id: 'link', kind: 'embedded' },
    { json: `${embedded}['wp:featuredmedia'][:]`, where: 'code is absent', id: 'link', kind: 'media' },
  ];
}

type ItemKind = 'post' | 'reply' | 'media' | 'reference';

/** Posts, comments and media have separate number ranges, so only posts are identified by number. */
const ID: Readonly<Record<ItemKind, string>> = { post: 'id', reply: 'link', media: 'link', reference: 'id' };

export function restList(kind: ItemKind): PostsInput {
  return LIST_PLACES.flatMap((json): PostsInput => [{ json, id: ID[kind], kind }, ...embeddedIn(json)]);
}

export function restItem(kind: ItemKind): PostsInput {
  const items = SINGLE_PLACES.flatMap(
    (json): PostsInput => [{ json, id: ID[kind], kind }, ...embeddedIn(json)],
  );
  return [...NO_ITEM, ...items];
}

/** Search results include pages and terms besides posts. */
const SEARCH: PostsInput = LIST_PLACES.flatMap(
  (json): PostsInput => [
    { json, where: 'subtype == "page"', kind: 'none' },
    { json, where: 'type in ["term", "post-format"]', kind: 'none' },
    { json, id: 'id', kind: 'reference' },
    { json: `${json}._embedded.self[:]`, where: 'type == "post"', id: 'id', kind: 'embedded' },
  ],
);

const PREVIEW: PostsInput = [
  ...NO_ITEM,
  ...SINGLE_PLACES.map((json) => ({ json, kind: 'reference' as const })),
];

/**
 * The route may be in a posted form. Then neither path nor query names it, and only the items show what they are.
 * Items of a list whose fields the client reduced are recognised by their text.
 */
const POSTED: PostsInput = [...LIST_PLACES, ...SINGLE_PLACES].flatMap((json): PostsInput => {
  const typed: PostsInput = [
    { json, where: 'type == "post"', id: 'id', kind: 'post' },
    { json, where: 'type == "comment"', id: 'link', kind: 'reply' },
    { json, where: 'type == "attachment"', id: 'link', kind: 'media' },
  ];
  if (!LIST_PLACES.includes(json)) return typed;
  return [
    ...typed,
    { json, where: 'type != null', kind: 'none' },
    { json, where: 'content is present', id: 'id', kind: 'post' },
    { json, where: 'excerpt is present', id: 'id', kind: 'post' },
  ];
});

/**
 * Items precede lists: of two routes in one query WordPress uses the last one. A list read as an item is uncounted,
 * but an item read as a list would silently count 0.
 */
const ENDPOINTS: ReadonlyArray<readonly [route: string, posts: PostsInput]> = [
  ['/wp/v2/posts/*', restItem('post')],
  ['/wp/v2/comments/*', restItem('reply')],
  ['/wp/v2/media/*', restItem('media')],
  ['/wp/v2/posts', restList('post')],
  ['/wp/v2/comments', restList('reply')],
  ['/wp/v2/media', restList('media')],
  ['/wp/v2/search', SEARCH],
  ['/oembed/1.0/embed', PREVIEW],
];

/** A route does not restrict methods, because `_method` or X-HTTP-Method-Override can override any of them. */
function entryPoints(
  ways: ReadonlyArray<(route: string) => Pick<RouteInput, 'path' | 'query'>>,
): RouteInput[] {
  return ENDPOINTS.flatMap(([route, posts]) => {
    const json = { name: `wordpress ${route}`, contentType: 'application/json', posts };
    return ways.flatMap((way) => alsoAsScript({ ...json, ...way(route) }));
  });
}

export const wordpressRest: Preset = {
  name: 'wordpress-rest',
  title: 'WordPress REST API (wp/v2)',
  source: [
    'https://developer.wordpress.org/rest-api/reference/posts/',
    'https://developer.wordpress.org/rest-api/using-the-rest-api/global-parameters/',
    'https://developer.wordpress.org/rest-api/using-the-rest-api/linking-and-embedding/',
  ],
  notes: {
    post: 'Entries of the type post, whole or reduced to some fields. Pages, users and terms never count.',
    reply: 'Comments.',
    media: 'Attachments of /wp/v2/media, and featured media that _embed adds.',
    embedded: 'Items that _embed adds: comments of a post, the post of a comment or search result.',
    reference: 'Results of /wp/v2/search and oEmbed previews.',
  },
  doubts: [
    'A response to a write contains the written post and counts one, because WordPress lets clients override methods.',
    'Post types of plugins have their own paths and need separate routes.',
  ],
  routes: [
    // WordPress takes the route from the query even if the path names another one.
    ...entryPoints([(route) => ({ path: '/**', query: { rest_route: route } })]),
    ...entryPoints([
      (route) => ({ path: `/wp-json${route}` }),
      (route) => ({ path: `/index.php/wp-json${route}` }),
    ]),
    ...alsoAsScript({
      name: 'wordpress posted route',
      path: '/**',
      methods: ['POST'],
      contentType: 'application/json',
      posts: POSTED,
    }),
  ],
};
