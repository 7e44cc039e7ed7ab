/** WPGraphQL: the request's document says under which names posts come back. */

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

/** Where permalinks are plain, the endpoint is a query parameter. */
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
    post: 'What posts, post, postBy, contentNodes and contentNode hold, at the root or below authors and terms.',
    reply: 'Comments, wherever they are asked for.',
    media: 'Media items and featured images.',
    embedded: 'The post that a comment was written on.',
  },
  doubts: [
    'contentNodes and contentNode hold pages too, which count as posts: only the request could say their type.',
    'node and nodeByUri may be anything and count nothing; name them in an own route where posts are read so.',
    'Persisted queries by id need an own route with their documents.',
  ],
  routes: DOORS.map((door) => ({ ...door, name: 'wpgraphql', format: 'graphql', posts: POSTS })),
};
