/** `@defer` and `@stream`: where the posts are in the payloads of each format that servers send. */

import { describe, expect, it } from 'vitest';
import { countAnswer, graphqlRoutes } from './answering.ts';
import { inParts } from './incremental-server.ts';

const routes = graphqlRoutes([
  { graphql: 'posts', id: 'id' },
  { graphql: 'post', id: 'id' },
  { graphql: 'comments', kind: 'reply' },
]);

function countOf(query: string, payloads: readonly object[]): unknown {
  const body = JSON.stringify({ query });
  const results = [1, 7, 1 << 20].map((chunkBytes) => {
    const { posts, uncounted } = countAnswer(routes, inParts(payloads), {
      body,
      chunkBytes,
      answerType: 'multipart/mixed; boundary="-"',
    });
    return uncounted ?? posts;
  });
  expect(new Set(results).size).toBe(1);
  return results[0];
}

/** The payloads as they are, and each as the `payload` of a part. */
function expectPosts(query: string, payloads: readonly object[], posts: number): void {
  const wrapped = payloads.map((payload) => ({ payload }));
  for (const all of [payloads, wrapped]) expect(countOf(query, all)).toBe(posts);
}

const two = [{ id: 1 }, { id: 2 }];

describe('a document with @defer', () => {
  const query = '{viewer{name ...@defer(label:"l"){posts{nodes{id comments{id}}}}}}';
  const first = { data: { viewer: { name: 'a' } } };
  const late = { posts: { nodes: [{ id: 1, comments: two }, { id: 2 }] } };
  it.each<[string, readonly object[]]>([
    ['one after another', [first, { path: ['viewer'], data: late, label: 'l', hasNext: false }]],
    ['with the path behind the data', [first, { data: late, path: ['viewer'], hasNext: true }]],
    ['in a list', [first, { incremental: [{ data: late, path: ['viewer'] }], hasNext: false }]],
    [
      'by an id',
      [
        { ...first, pending: [{ id: '0', path: ['viewer'] }], hasNext: true },
        { incremental: [{ id: '0', data: late }], completed: [{ id: '0' }], hasNext: false },
      ],
    ],
    [
      'below its place',
      [
        { data: { viewer: { name: 'a', posts: {} } } },
        { incremental: [{ id: '0', subPath: ['posts'], data: late.posts }] },
        { hasNext: false },
      ],
    ],
    ['at once', [{ data: { viewer: { name: 'a', ...late } } }]],
  ])('is counted: %s', (_, payloads) => {
    expectPosts(query, payloads, 4);
  });

  it('counts a post with the payload that brings its object, and what is in it later', () => {
    const nodes = '{posts{nodes{...@defer{id text}}}}';
    const objects = { data: { posts: { nodes: [{}, {}] } } };
    expect(countOf(nodes, [objects])).toBe(2);
    const rest = [0, 1].map((at) => ({ path: ['posts', 'nodes', at], data: { id: at, text: '' } }));
    expect(countOf(nodes, [objects, { incremental: rest }])).toBe(2);
    expect(countOf(nodes, [objects, ...rest])).toBe(2);
  });

  it('is counted as one result, and over other framings', () => {
    const data = { viewer: { name: 'a', ...late } };
    const body = JSON.stringify({ query });
    expect(countAnswer(routes, { data }, { body }).posts).toBe(4);
    const payloads = [first, { incremental: [{ path: ['viewer'], data: late }], hasNext: false }];
    const events = payloads.map((one) => `event: next\ndata: ${JSON.stringify(one)}\n\n`).join('');
    expect(countAnswer(routes, events, { body, answerType: 'text/event-stream' }).posts).toBe(4);
  });

  it.each<[string, string]>([
    ['one key is a post here and another field there', '{posts{id ...@defer{x:comments{id}}} x:users{id}}'],
    ['a list is one of posts here and of others there', '{posts{id ...@defer{y:comments{id}}} y{x}}'],
    ['the id has another name', '{a:post{...@defer{posts{id}}} b:post{...@defer{posts{key:id}}}}'],
    ['one of two lists comes later', '{posts{...@defer{nodes{id}} edges{node{id}}}}'],
    [
      'the list that is counted may come too late',
      '{posts{nodes{id ...@defer{comments{id}}} edges{node{comments{id}}}}}',
    ],
  ])('is not known if %s', (_, document) => {
    expect(countOf(document, [{ data: {} }])).toBe('document');
  });

  it('is not known in a batch', () => {
    const batch = JSON.stringify([{ query }, { query: '{posts{id}}' }]);
    expect(countAnswer(routes, [first, { data: { posts: two } }], { body: batch }).uncounted).toBe(
      'document',
    );
  });
});

describe('a document with @stream', () => {
  const query = '{posts@stream(initialCount:1){id comments{id}}}';
  const first = { data: { posts: [{ id: 1, comments: [] }] }, hasNext: true };
  const late = { id: 2, comments: two };
  it.each<[string, readonly object[]]>([
    ['element by element', [first, { data: late, path: ['posts', 1], hasNext: false }]],
    ['in lists', [first, { incremental: [{ items: [late], path: ['posts', 1] }], hasNext: false }]],
    ['by an id', [first, { incremental: [{ id: '0', items: [late] }], completed: [{ id: '0' }] }]],
    ['at once', [{ data: { posts: [{ id: 1, comments: [] }, late] } }]],
  ])('is counted: %s', (_, payloads) => {
    expectPosts(query, payloads, 4);
  });

  it('counts the nodes of a connection', () => {
    const items = [{ path: ['posts', 'edges', 0], items: [{ node: { id: 1 } }, { node: { id: 2 } }] }];
    const data = { posts: { edges: [] } };
    expect(countOf('{posts{edges@stream{node{id}}}}', [{ data }, { incremental: items }])).toBe(2);
    expect(
      countOf('{posts{nodes@stream{id}}}', [
        { data: { posts: { nodes: [] } } },
        { incremental: [{ items: two }] },
      ]),
    ).toBe(2);
  });

  it('of lists without posts counts those below', () => {
    const items = [{ path: ['users', 0], items: [{ posts: two }, { posts: null }] }];
    expect(countOf('{users@stream{posts{id}}}', [{ data: { users: [] } }, { incremental: items }])).toBe(2);
    expect(
      countOf('{users@stream{posts{id}}}', [
        { data: { users: [] } },
        { path: ['users', 0], data: { posts: two } },
      ]),
    ).toBe(2);
  });

  it('is not known beside @defer, for older servers send both alike', () => {
    expect(countOf('{posts@stream{id ...@defer{text}}}', [{ data: {} }])).toBe('document');
  });
});

it('is not known if the places and posts are more than the budget of a request', () => {
  const lists = Array.from({ length: 300 }, (_, i) => `p${i}:posts{id}`).join(' ');
  const deep = `${'{user'.repeat(60)}{${lists}}${'}'.repeat(60)}`;
  const body = JSON.stringify({ query: deep.replace('{', '{...@defer{x} ') });
  expect(countAnswer(routes, { data: {} }, { body }).uncounted).toBe('document');
});
