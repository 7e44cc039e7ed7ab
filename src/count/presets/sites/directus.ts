/** Directus: items of collections with posts in REST, CSV and GraphQL, and posts nested in other items. */

import type { PostsInput, Preset, RouteInput } from '../preset.ts';

/** A project names its collections freely; these are usual names for posts and comments. */
const POSTS = ['posts', 'articles', 'blog', 'blog_posts', 'news', 'stories'];
const COMMENTS = ['comments', 'replies'];

/** Members of the response to a request for aggregates, which contains no items. */
const AGGREGATES = [
  'count',
  'countAll',
  'countDistinct',
  'sum',
  'sumDistinct',
  'avg',
  'avgDistinct',
  'min',
  'max',
];

const LIST = '$.data[:]';

type ItemKind = 'post' | 'reply';

/** Items in other items: relations that the request expands. */
const NESTED: PostsInput = [
  ...POSTS.map((name) => ({ json: `$.data..${name}[:]`, id: 'id', kind: 'post' as const })),
  ...COMMENTS.map((name) => ({ json: `$.data..${name}[:]`, id: 'id', kind: 'reply' as const })),
];

function itemsOf(kind: ItemKind): PostsInput {
  return [{ json: LIST, id: 'id', kind }, { json: '$.data', id: 'id', kind }, ...NESTED];
}

/** The body decides, because a parameter without a value is ignored and the response contains items. */
function aggregatesOf(kind: ItemKind): PostsInput {
  return [
    ...AGGREGATES.map((name) => ({ json: LIST, where: `${name} is present`, kind: 'none' as const })),
    { json: LIST, id: 'id', kind },
  ];
}

/** `alias[anything]=posts` renames a relation: every list inside an item may then be a list of posts. */
function renamed(collection: string, kind: ItemKind): RouteInput {
  return {
    path: '/items/**',
    name: `directus alias of ${collection}`,
    query: { alias: collection },
    posts: [
      { json: LIST, kind: 'none' },
      { json: '$.data..[:]', id: 'id', kind },
    ],
  };
}

function routesOf(collection: string, kind: ItemKind): RouteInput[] {
  const path = `/items/${collection}`;
  const name = `directus ${collection}`;
  return [
    {
      path,
      name: `${name} as CSV`,
      contentType: 'text/csv',
      format: 'csv',
      posts: [{ csv: 'row', id: 'id', kind }],
    },
    { path, name: `${name} in aggregates`, query: { aggregate: '*' }, posts: aggregatesOf(kind) },
    { path, name, posts: itemsOf(kind) },
    { path: `${path}/*`, name, posts: itemsOf(kind) },
  ];
}

export const directus: Preset = {
  name: 'directus',
  title: 'Directus: items in REST, CSV and GraphQL',
  source: [
    'https://directus.io/docs/api/items',
    'https://directus.io/docs/guides/connect/query-parameters',
    'https://directus.io/docs/guides/connect/relations',
  ],
  notes: {
    post: `Items of the collections ${POSTS.join(', ')}, in lists, by id and inside other items.`,
    reply: `Items of the collections ${COMMENTS.join(' and ')}, in the same places.`,
  },
  doubts: [
    'Collections with other names count nothing: add a route for each, such as /items/recipes.',
    'A relation that is not expanded is a list of ids and contains no posts.',
    'With alias, a list is recognised by the relation that the request names. A list reached through another relation (an alias inside deep) and a renamed list in a collection with posts are missed.',
    'Aggregates and groups count nothing, unless an item itself has a member such as count.',
    'Exports as XML and YAML, and WebSocket messages, are not read.',
  ],
  routes: [
    ...POSTS.flatMap((name) => routesOf(name, 'post')),
    ...COMMENTS.flatMap((name) => routesOf(name, 'reply')),
    ...POSTS.map((name) => renamed(name, 'post')),
    ...COMMENTS.map((name) => renamed(name, 'reply')),
    { path: '/items/**', name: 'directus relations', contentType: 'application/json', posts: NESTED },
    {
      path: '/graphql',
      name: 'directus GraphQL',
      format: 'graphql',
      posts: [
        ...POSTS.flatMap(
          (name): PostsInput => [
            { graphql: name, id: 'id', kind: 'post' },
            { graphql: `${name}_by_id`, id: 'id', kind: 'post' },
          ],
        ),
        ...COMMENTS.flatMap(
          (name): PostsInput => [
            { graphql: name, id: 'id', kind: 'reply' },
            { graphql: `${name}_by_id`, id: 'id', kind: 'reply' },
          ],
        ),
      ],
    },
  ],
};
