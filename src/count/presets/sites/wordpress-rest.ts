/** WordPress REST API wp/v2, by all its doors: pretty paths, index.php, `rest_route`, JSONP, envelopes, a posted route. */

import { alsoAsScript } from '../jsonp.ts';
import type { PostsInput, Preset, RouteInput } from '../preset.ts';

/** With `_envelope` the answer stands one level down; the HTTP status is 200 then even for an error. */
const LIST_PLACES = ['$[:]', '$.body[:]'];

/** The envelope itself, an error in one, and the description that OPTIONS asks for are no items. */
const NO_ITEM: PostsInput = [
  { json: '$', where: 'body is present', kind: 'none' },
  { json: '$', where: 'namespace is present', kind: 'none' },
  { json: '$.body', where: 'code is present', kind: 'none' },
];
const SINGLE_PLACES = ['$', '$.body'];

/** What `_embed` adds to an item: comments, the post that a comment or a search result belongs to, media. */
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

/** Posts, comments and media have numbers of their own each: only posts go by number. */
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

/** Search names posts, and pages and terms besides. */
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
 * The route may stand in a posted form: then neither path nor query name it, and only the items say what they are.
 * Those of a list whose fields the client has cut are known by their text.
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
 * Items before lists: of two routes in one query WordPress takes the last, and a list read as an item is uncounted,
 * where an item read as a list would hold nothing.
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

/** A route is not closed by methods: any may be renamed by `_method` or X-HTTP-Method-Override. */
function doors(ways: ReadonlyArray<(route: string) => Pick<RouteInput, 'path' | 'query'>>): RouteInput[] {
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
    post: 'Entries of the type post, whole or cut to some fields. Pages, users and terms never count.',
    reply: 'Comments.',
    media: 'Attachments of /wp/v2/media, and featured media that _embed adds.',
    embedded: 'What _embed adds: comments of a post, the post of a comment or of a search result.',
    reference: 'Results of /wp/v2/search and oEmbed previews.',
  },
  doubts: [
    'An answer to a write holds the post that was written and counts one: WordPress lets a client rename its methods.',
    'Post types of plugins have paths of their own and need own routes.',
  ],
  routes: [
    // WordPress takes the route from the query where the path names another.
    ...doors([(route) => ({ path: '/**', query: { rest_route: route } })]),
    ...doors([
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
