/** WPGraphQL: the request's document determines the names under which posts are returned. */

import type { PostsInput, Preset, RouteInput } from '../preset.ts';

const POSTS: PostsInput = [
  { graphql: 'posts', id: 'databaseId', kind: 'post' },
  { graphql: 'post', id: 'databaseId', kind: 'post' },
  { graphql: 'postBy', id: 'databaseId', kind: 'post' },
  { graphql: 'contentNodes', id: 'databaseId', kind: 'post' },
  { graphql: 'contentNode', id: 'databaseId', kind: 'post' },
  { graphql: 'comments', id: 'id', kind: 'reply' },
  { graphql: 'comment', id: 'id', kind: 'reply' },
  { graphql: 'replies', id: 'id', kind: 'reply' },
  { graphql: 'mediaItems', id: 'id', kind: 'media' },
  { graphql: 'mediaItem', id: 'id', kind: 'media' },
  { graphql: 'mediaItemBy', id: 'id', kind: 'media' },
  { graphql: 'featuredImage', id: 'id', kind: 'media' },
  { graphql: 'commentedOn', id: 'databaseId', kind: 'embedded' },
];

/** With plain permalinks the endpoint is a query parameter. */
const DOORS: ReadonlyArray<Pick<RouteInput, 'path' | 'query'>> = [
  { path: '/graphql' },
  { path: '/index.php/graphql' },
  { path: '/**', query: { graphql: '*' } },
];

export const wpgraphql: Preset = {
  name: 'wpgraphql',
  title: 'WPGraphQL',
  source: [
    'https://www.wpgraphql.com/docs/posts-and-pages',
    'https://www.wpgraphql.com/docs/comments',
    'https://www.wpgraphql.com/docs/wpgraphql-request-lifecycle',
  ],
  notes: {
    post: 'Contents of posts, post, postBy, contentNodes and contentNode, at the root or below authors and terms.',
    reply: 'Comments anywhere in a request.',
    media: 'Media items and featured images.',
    embedded: 'The post of a comment.',
  },
  doubts: [
    'contentNodes and contentNode also contain pages, which count as posts because the response need not show their type.',
    'node and nodeByUri may return anything and count nothing; add a route for them if clients read posts that way.',
    'Persisted queries by id need a separate route with their documents.',
  ],
  routes: DOORS.map((door) => ({ ...door, name: 'wpgraphql', format: 'graphql', posts: POSTS })),
};
