/** The ways in which a request carries its document, and those that cannot be read. */

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DEFAULT_KINDS } from '../../../src/count/kinds.ts';
import { compileRoutes } from '../../../src/count/route/compile.ts';
import { routeSchema } from '../../../src/count/route/schema.ts';
import { type Asking, countAnswer, graphqlRoutes } from './answering.ts';

const MAX_REQUEST_BYTES = 256 * 1024;

const TWO = '{x:posts{id}}';
const NONE = '{users{id}}';
const RESPONSE = { data: { x: [{ id: 1 }, { id: 2 }] } };
const routes = () => graphqlRoutes(['posts'], { documents: { two: TWO, none: NONE } });
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const persisted = (sha256Hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } });
const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();
const type = (value: string) => ['Host', 'a', 'content-TYPE', value];
const get = (fields: Record<string, string>): Asking => ({
  method: 'GET',
  target: `/graphql?${form(fields)}`,
});

function countOf(asking: Asking, response: unknown = RESPONSE): unknown {
  const { posts, uncounted } = countAnswer(routes(), response, asking);
  return uncounted ?? posts;
}

describe('a request', () => {
  it.each<[string, Asking]>([
    ['in JSON', { body: JSON.stringify({ query: TWO }), headers: type('application/json; charset=utf-8') }],
    [
      'in JSON of another type',
      { body: JSON.stringify({ query: TWO }), headers: type('application/graphql+json') },
    ],
    ['in JSON without a type', { body: ` ${JSON.stringify({ query: TWO, id: null, variables: null })}` }],
    ['in JSON behind a byte order mark', { body: `\ufeff${JSON.stringify({ query: TWO })}` }],
    ['byte by byte', { body: JSON.stringify({ query: TWO, variables: { é: '😀' } }), chunkBytes: 1 }],
    ['as a document', { body: TWO, headers: type('application/graphql') }],
    [
      'as a form',
      { body: form({ query: TWO, other: '1' }), headers: type('application/x-www-form-urlencoded') },
    ],
    [
      'in JSON with colons and quotes',
      { body: JSON.stringify({ query: TWO, variables: { 'a":{': ':"\\' } }) },
    ],
    ['in the query string', get({ query: TWO })],
    ['in the query string of POST', { ...get({ query: TWO }), method: 'POST' }],
    [
      'in both',
      { ...get({ query: TWO, operation: 'x' }), method: 'POST', body: JSON.stringify({ query: TWO }) },
    ],
    [
      'with variables in the query string',
      get({ query: 'query($v:Boolean){x:posts{id @include(if:$v)}}', variables: '{"v":true}' }),
    ],
    ['by an id', { body: JSON.stringify({ id: 'two' }) }],
    ['by documentId', { body: JSON.stringify({ documentId: 'two', variables: {} }) }],
    ['by doc_id', { body: form({ doc_id: 'two' }), headers: type('application/x-www-form-urlencoded') }],
    ['by queryId in the query string', get({ queryId: 'two' })],
    ['with its id and document', { body: JSON.stringify({ query: TWO, id: 'two' }) }],
    ['with an id of something else', { body: JSON.stringify({ query: TWO, id: 7 }) }],
    ['as large as the bound', { body: JSON.stringify({ query: TWO }).padEnd(MAX_REQUEST_BYTES) }],
  ])('%s is read', (_, asking) => {
    expect(countOf(asking)).toBe(2);
  });

  it.each<[string, Asking]>([
    ['over the bound', { body: JSON.stringify({ query: TWO }).padEnd(MAX_REQUEST_BYTES + 1) }],
    ['that is no JSON', { body: '{"query":' }],
    ['that is no UTF-8', { body: Uint8Array.of(0x7b, 0xff, 0x7d) }],
    ['that is nothing', {}],
    ['that is a number', { body: '5' }],
    ['whose document is a number', { body: '{"query":5}' }],
    ['whose variables are a list', { body: JSON.stringify({ query: TWO, variables: [1] }) }],
    ['that names itself otherwise too', { body: JSON.stringify({ query: NONE, Query: TWO }) }],
    ['that is compressed', { body: JSON.stringify({ query: TWO }), headers: ['Content-Encoding', 'gzip'] }],
    [
      'in multipart',
      { body: JSON.stringify({ query: TWO }), headers: type('multipart/form-data; boundary=x') },
    ],
    ['by an unknown id', { body: JSON.stringify({ id: 'three' }) }],
    ['by an inherited name', { body: JSON.stringify({ id: 'constructor' }) }],
    ['by two ids', { body: JSON.stringify({ id: 'two', doc_id: 'none' }) }],
    ['whose id is of another document', { body: JSON.stringify({ query: NONE, id: 'two' }) }],
    [
      'that says two things',
      { ...get({ query: TWO }), method: 'POST', body: JSON.stringify({ query: NONE }) },
    ],
    ['that says one thing twice', { method: 'GET', target: `/graphql?query=${NONE}&query=${TWO}` }],
    ['that says a name twice', { body: `{"query":"${TWO}","query":"${NONE}"}` }],
    ['that says an escaped name twice', { body: `{"query":"${TWO}","\\u0071uery":"${NONE}"}` }],
    [
      'that sets a variable twice',
      { body: '{"query":"query($v:Boolean){x:posts@skip(if:$v){id}}","variables":{"v":false,"v":true}}' },
    ],
    ['nested without end', { body: `{"query":"${NONE}","variables":${'['.repeat(9e4)}${']'.repeat(9e4)}}` }],
    ['of GET in its body too', { ...get({ query: NONE }), body: JSON.stringify({ query: TWO }) }],
    ['that sets variables in the body of GET', { ...get({ query: NONE }), body: '{"variables":{"v":true}}' }],
    [
      'in a form that is JSON to others',
      {
        body: `{"query":"${TWO}","x":"&query=${NONE}&"}`,
        headers: type('application/x-www-form-urlencoded'),
      },
    ],
    [
      'of two media types',
      {
        body: form({ query: NONE }),
        headers: [...type('application/x-www-form-urlencoded'), ...type('text/plain')],
      },
    ],
    [
      'in UTF-7',
      {
        body: JSON.stringify({ query: `{users{id} #+AAo-${TWO.slice(1)}\n}` }),
        headers: type('application/json; charset="UTF-7"'),
      },
    ],
    ['that PHP reads otherwise', { method: 'GET', target: `/graphql?%20query=${TWO}&query=${NONE}` }],
    ['that PHP reads to a NUL', { method: 'GET', target: `/graphql?query=${NONE}&query%00x=${TWO}` }],
    [
      'whose unknown id may be of another document',
      { body: JSON.stringify({ query: NONE, queryId: 'three' }) },
    ],
    ["with another document's hash", { body: JSON.stringify({ query: NONE, ...persisted(sha256(TWO)) }) }],
    ['with no operation of that name', { body: JSON.stringify({ query: TWO, operationName: 'A' }) }],
  ])('%s is not', (_, asking) => {
    expect(countOf(asking)).toBe('document');
    expect(countOf(asking, { errors: [{ message: 'no' }] })).toBe(0);
    expect(countOf(asking, { data: null, errors: [] })).toBe(0);
    expect(countOf(asking, [{ errors: [] }])).toBe(0);
    expect(countOf(asking, [{ errors: [] }, { data: {} }])).toBe('document');
    expect(countOf(asking, 'oops')).toBe('document');
  });

  it('an operation that never ended, or whose unknown response is cut, is not counted', () => {
    expect(countOf({ body: JSON.stringify({ query: TWO }), isCut: true }, '{"errors":[]')).toBe('document');
  });

  it('with an unknown id is counted if its posts are there, for the id may be answered instead', () => {
    const asking = { body: JSON.stringify({ query: '{y:posts{id}}', id: 'three' }) };
    expect(countOf(asking, { data: { y: [{ id: 1 }] } })).toBe(1);
    expect(countOf(asking, RESPONSE)).toBe('document');
    expect(countOf(asking, { errors: [{ message: 'no' }] })).toBe(0);
    const batch = { body: `[${asking.body}]` };
    expect(countOf(batch, [RESPONSE])).toBe('document');
    expect(countOf(batch, [{ data: { y: [{ id: 1 }] } }])).toBe(1);
  });

  it('finds no posts if it asks for none', () => {
    expect(countOf({ body: JSON.stringify({ query: NONE }) }, { data: { users: [{ id: 1 }] } })).toBe(0);
  });
});

describe('a query that was persisted automatically', () => {
  it('is known by its hash after it came with it', () => {
    const known = routes();
    const byHash = { body: JSON.stringify(persisted(sha256(TWO).toUpperCase())) };
    expect(countAnswer(known, RESPONSE, byHash).uncounted).toBe('document');
    const both = { body: JSON.stringify({ query: TWO, ...persisted(sha256(TWO)) }) };
    expect(countAnswer(known, RESPONSE, both).posts).toBe(2);
    expect(countAnswer(known, RESPONSE, byHash).posts).toBe(2);
    expect(
      countAnswer(known, RESPONSE, get({ extensions: JSON.stringify(persisted(sha256(TWO)).extensions) }))
        .posts,
    ).toBe(2);
  });

  it("is not known by another document's hash", () => {
    const known = routes();
    countAnswer(known, {}, { body: JSON.stringify({ query: NONE, ...persisted(sha256(TWO)) }) });
    const byHash = { body: JSON.stringify(persisted(sha256(TWO))) };
    expect(countAnswer(known, RESPONSE, byHash).uncounted).toBe('document');
  });
});

describe('a batch', () => {
  const batch = (...queries: string[]): Asking => ({
    body: JSON.stringify(queries.map((query) => ({ query }))),
  });
  const posts = (n: number) => ({
    data: { posts: Array.from({ length: n }, (_, id) => ({ id, t: ']},[{"\\' })) },
  });

  it.each<[string, Asking, unknown, unknown]>([
    ['of equals', batch('{posts{id}}', '{posts{t}}'), [posts(2), posts(3)], 5],
    ['with one key for different things', batch('{posts{id}}', '{posts:users{id}}'), [posts(2), posts(3)], 2],
    [
      'with other lists',
      batch('{posts{nodes{id}}}', '{posts{id}}'),
      [{ data: { posts: { nodes: [{}] } } }, posts(1)],
      2,
    ],
    ['of one', batch('{posts{id}}'), [posts(1)], 1],
    ['with a fault in one', batch('{posts{id}}', '{posts{id}}'), [posts(1), { errors: [{}] }], 1],
    ['with fewer answers', batch('{posts{id}}', '{posts{id}}'), [posts(1)], 1],
    ['with no answer', batch('{posts{id}}'), ' [ ] ', 0],
    ['with more answers', batch('{posts{id}}'), [posts(1), posts(1)], 'shape'],
    ['refused as a whole', batch('{posts{id}}'), { errors: [{}] }, 0],
    ['answered by one', batch('{posts{id}}'), posts(1), 'document'],
    ['with an unknown document', batch('{posts{id}}', '{posts{'), [posts(2), posts(1)], 'document'],
    ['with an unknown one that failed', batch('{posts{id}}', '{posts{'), [posts(2), { errors: [] }], 2],
    ['without its end', batch('{posts{id}}'), '[{"data":{}}', 'truncated'],
    ['with a hole', batch('{posts{id}}', '{posts{id}}'), '[{"data":{}},,{"data":{}}]', 'not_json'],
    ['with a rest', batch('{posts{id}}'), '[{"data":{}}] x', 'not_json'],
    ['that is a number', batch('{posts{id}}'), '5', 'not_json'],
    ['of nothing', { body: '[]' }, [posts(1)], 'document'],
    [
      'of more than servers take',
      batch(...Array.from({ length: 1_001 }, () => '{posts{id}}')),
      [posts(1)],
      'document',
    ],
  ])('%s', (_, asking, response, expected) => {
    for (const chunkBytes of [1, 5, 1 << 20])
      expect(countOf({ ...asking, chunkBytes }, response)).toBe(expected);
  });

  it('counts what is known beside what is not', () => {
    const { posts: counted } = countAnswer(routes(), [posts(2), posts(1)], batch('{posts{id}}', '{posts{'));
    expect(counted).toBe(2);
  });
});

it('names the persisted query that is not GraphQL', () => {
  const route = routeSchema.parse({
    path: '/graphql',
    format: 'graphql',
    documents: { good: TWO, bad: '{posts{' },
    posts: [{ graphql: 'posts' }],
  });
  expect(compileRoutes([route], DEFAULT_KINDS)).toMatchObject({
    ok: false,
    problems: [{ at: [0, 'documents', 'bad'], message: expect.stringContaining('fix or remove it') }],
  });
});
