/** Where a document puts posts: tables of documents with the data that answers them. */

import { describe, expect, it } from 'vitest';
import { graphqlRoutes, postsIn } from './answering.ts';

const routes = graphqlRoutes([
  { graphql: 'posts', id: 'id' },
  { graphql: 'post', id: 'id' },
  { graphql: 'Query.feed', id: 'id' },
  { graphql: 'quoted', kind: 'embedded', id: 'id' },
  { graphql: 'comments', kind: 'reply' },
]);

const P = (id: number, rest: object = {}) => ({ id, ...rest });
const three = [P(1), P(2), P(3)];
const edges = three.map((node) => ({ node }));

describe('a document', () => {
  it.each<[string, string, unknown, unknown]>([
    ['nodes', '{posts{nodes{id}}}', { posts: { nodes: three } }, 3],
    ['edges', '{posts{edges{cursor node{id}} pageInfo{hasNextPage}}}', { posts: { edges } }, 3],
    ['nodes and edges', '{posts{nodes{id} edges{node{id}}}}', { posts: { nodes: three, edges } }, 3],
    ['two lists of nodes', '{posts{a:nodes{id} b:nodes{id}}}', { posts: { a: three, b: three } }, 3],
    ['aliases', '{x:posts{n:edges{p:node{t:id}}}}', { x: { n: edges.map(({ node }) => ({ p: node })) } }, 3],
    [
      'two aliases of a field',
      '{x:posts{nodes{id}} y:posts{nodes{id}}}',
      { x: { nodes: three }, y: { nodes: three } },
      6,
    ],
    ['a list', '{posts{id}}', { posts: three }, 3],
    ['a single post', '{post(id:1){id}}', { post: P(1) }, 1],
    ['no such post', '{post(id:1){id}}', { post: null }, 0],
    ['elements that are null', '{posts{nodes{id}}}', { posts: { nodes: [null, P(1), null] } }, 1],
    ['null for data', '{posts{id}}', null, 0],
    ['a total alone', '{posts{totalCount}}', { posts: { totalCount: 7 } }, 0],
    [
      'a page without posts',
      '{posts{pageInfo{endCursor} edges{cursor}}}',
      { posts: { pageInfo: {}, edges: [{}] } },
      0,
    ],
    ['a type name alone', '{posts{__typename}}', { posts: { __typename: 'PostConnection' } }, 0],
    ['a number of that name', '{posts}', { posts: 12 }, 0],
    ['another field', '{users{nodes{id}}}', { users: { nodes: three } }, 0],
    ['a field of the query', '{feed{id}}', { feed: three }, 3],
    ['that field elsewhere', '{user{feed{id}}}', { user: { feed: three } }, 0],
    ['that field of a mutation', 'mutation{feed{id}}', { feed: three }, 0],
    ['a mutation', 'mutation{createPost{post{id}}}', { createPost: { post: P(1) } }, 1],
    ['an introspection', '{__schema{types{name}}}', { __schema: { types: three } }, 0],
    [
      'posts of users, comments of posts',
      '{users{nodes{posts{nodes{id comments{nodes{id}}}}}}}',
      {
        users: {
          nodes: [
            { posts: { nodes: [P(1, { comments: { nodes: three } })] } },
            { posts: null },
            { posts: { nodes: [P(2, { comments: { nodes: [] } }), P(3, { comments: null })] } },
          ],
        },
      },
      6,
    ],
    [
      'lists and objects on the way',
      '{viewer{groups{owner{posts{id comments{id}}}}}}',
      { viewer: { groups: [{ owner: { posts: [P(1, { comments: three }), P(2, { comments: [] })] } }] } },
      5,
    ],
    [
      'posts of the users of both lists',
      '{users{nodes{posts{id}} edges{node{posts{id}}}}}',
      { users: { nodes: [{ posts: three }], edges: [{ node: { posts: three } }] } },
      3,
    ],
    [
      'comments in the other of two lists',
      '{posts{nodes{id} edges{node{comments{id}}}}}',
      { posts: { nodes: [P(1)], edges: [{ node: { comments: three } }] } },
      4,
    ],
    [
      'posts beside the nodes',
      '{posts{edges{pinnedBy{post{id}} node{id}} newest{post{id}}}}',
      { posts: { edges: [{ node: P(1), pinnedBy: { post: P(2) } }], newest: { post: P(3) } } },
      3,
    ],
  ])('%s', (_, document, data, expected) => {
    expect(postsIn(routes, document, data)).toBe(expected);
  });

  it.each<[string, string, unknown, unknown]>([
    ['a fragment', 'fragment F on C{nodes{id}} {posts{...F}}', { posts: { nodes: three } }, 3],
    [
      'one key in two fragments',
      'fragment A on Q{posts{nodes{id}}} fragment B on Q{posts{edges{node{id}}}} {...A ...B}',
      { posts: { nodes: three, edges } },
      3,
    ],
    [
      'fragments in fragments',
      'fragment A on Q{u:user{...B}} fragment B on U{... on U{...{posts{id}}}} {...A}',
      { u: { posts: three } },
      3,
    ],
    [
      'edges that are surely there',
      '{posts{... on Odd{nodes{id}} edges{node{id}}}}',
      { posts: { edges } },
      3,
    ],
    [
      'lists under two types',
      '{posts{... on A{nodes{id}} ... on B{edges{node{id}}}}}',
      { posts: { edges } },
      'document',
    ],
    [
      'two fields for one key',
      '{node{... on A{x:posts{id}} ... on B{x:users{id}}}}',
      { node: { x: three } },
      'document',
    ],
    ['two names for a leaf', '{post{... on A{x:title} ... on B{x:name}}}', { post: { x: '' } }, 1],
    ['a missing fragment', '{posts{...F}}', { posts: three }, 'document'],
    [
      'a circle',
      'fragment A on P{id quoted{...B}} fragment B on P{quoted{...A}} {posts{...A}}',
      { posts: [] },
      'document',
    ],
    ['two fragments of one name', 'fragment A on P{id} fragment A on P{x} {posts{...A}}', {}, 'document'],
    ['no GraphQL', '{posts{', { posts: three }, 'document'],
    ['two operations and no name', 'query A{posts{id}} query B{post{id}}', { posts: three }, 'document'],
  ])('with %s', (_, document, data, expected) => {
    expect(postsIn(routes, document, data)).toBe(expected);
  });

  it('is read by the operation that is named', () => {
    const document = 'query A{posts{id}} query B{x:post{id}}';
    expect(postsIn(routes, document, { posts: three }, { operationName: 'A' })).toBe(3);
    expect(postsIn(routes, document, { x: P(1) }, { operationName: 'B' })).toBe(1);
    expect(postsIn(routes, document, { x: P(1) }, { operationName: 'C' })).toBe('document');
  });

  it('counts an embedded post once, by the alias of its id', () => {
    const document = '{posts{key:id quoted{key:id}}}';
    const quoted = (key: number) => ({ key, quoted: { key: 1 } });
    const withQuotes = graphqlRoutes(
      [
        { graphql: 'posts', id: 'id' },
        { graphql: 'quoted', kind: 'embedded', id: 'id' },
      ],
      { kinds: { embedded: true } },
    );
    expect(postsIn(withQuotes, document, { posts: [quoted(2), quoted(3)] })).toBe(3);
    expect(postsIn(withQuotes, document, { posts: [quoted(2), { key: 1, quoted: null }] })).toBe(2);
  });
});

describe('a condition', () => {
  const document =
    'query($full:Boolean=false){posts{nodes @skip(if:$full){id} edges @include(if:$full){node{id}}}}';

  it.each<[string, string, object, unknown, unknown]>([
    ['that holds', document, { full: true }, { edges }, 3],
    ['that does not', document, { full: false }, { nodes: three }, 3],
    ['by default', document, {}, { nodes: three }, 3],
    ['that is no Boolean', document, { full: 'true' }, { nodes: three }, 'document'],
    ['without a value', '{posts{nodes @include(if:$x){id}}}', {}, { nodes: three }, 'document'],
    ['in the document', '{posts{nodes @skip(if:true){id} edges{node{id}}}}', {}, { edges }, 3],
    ['on a fragment', '{posts{... @skip(if:true){nodes{id}} edges{node{id}}}}', {}, { edges }, 3],
    ['of another kind', '{posts @cached{nodes @other(if:$x){id}}}', {}, { nodes: three }, 3],
  ])('%s', (_, query, variables, posts, expected) => {
    expect(postsIn(routes, query, { posts }, { variables })).toBe(expected);
  });
});

describe('an evil document', () => {
  const doubling = Array.from(
    { length: 40 },
    (_, i) => `fragment F${i} on P{a:quoted{...F${i + 1}} b:quoted{...F${i + 1}}}`,
  );

  it.each<[string, string]>([
    ['fragments that double forty times', `{posts{...F0}} ${doubling.join(' ')} fragment F40 on P{id}`],
    [
      'the same within one object',
      `{posts{...F0}} ${doubling.join(' ').replace(/[ab]:quoted\{(...F\d+)\}/g, '$1')} fragment F40 on P{id}`,
    ],
    ['a thousand levels', `${'{posts'.repeat(1_000)}{id}${'}'.repeat(1_000)}`],
    ['brackets by the hundred thousand', `{posts(x:${'['.repeat(100_000)}`],
    ['levels beyond the parser', '{a'.repeat(60_000)],
    ['inline fragments in each other', `{posts${'{... on P'.repeat(500)}{id}${'}'.repeat(500)}}`],
    ['a name of 100 KB', `{${'x'.repeat(100_000)}:posts{id}}`],
    ['aliases by the thousand', `{${Array.from({ length: 3_000 }, (_, i) => `a${i}:post{id}`).join(' ')}}`],
  ])('of %s is not counted', (_, document) => {
    expect(postsIn(routes, document, { posts: three })).toBe('document');
  });

  it('holds a thousand aliases nevertheless', () => {
    const keys = Array.from({ length: 1_000 }, (_, i) => `a${i}`);
    const data = Object.fromEntries(keys.map((key) => [key, P(1)]));
    expect(postsIn(routes, `{${keys.map((key) => `${key}:post{id}`).join(' ')}}`, data)).toBe(1_000);
  });
});
