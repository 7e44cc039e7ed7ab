/** What a client may choose of a GraphQL request: it is counted, or refused before the platform gets it. */

import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../src/adapters/crypto/sha256-hex.ts';
import { decodeWhole } from '../../../src/adapters/node/coding/decode-whole.ts';
import { nodeDecoders } from '../../../src/adapters/node/coding/decoders.ts';
import { decide } from '../../../src/count/count-decision.ts';
import type { CountResult } from '../../../src/count/counter.ts';
import { createCounter } from '../../../src/count/create-counter.ts';
import { GraphqlRequest } from '../../../src/count/graphql/request.ts';
import { matchRoute } from '../../../src/count/route/match.ts';
import { graphqlRoutes } from './answering.ts';

const MAX_BYTES = 64 * 1024;
const routes = graphqlRoutes(['posts'], { documents: { listed: '{posts{id}}' } });
const match = matchRoute(routes, 'POST', '/graphql');
const plans = match.flatMap((rule) => (rule.format === 'graphql' ? [rule.plan] : []));

const QUERY = '{posts{id}}';
const ASKED = JSON.stringify({ query: QUERY });
const RESULT = JSON.stringify({ data: { posts: [{ id: 1 }, { id: 2 }] } });

interface Sent {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: readonly string[];
  readonly body?: string | Uint8Array;
  readonly chunkBytes?: number;
}

interface Answered {
  readonly contentType?: string;
  readonly body?: string;
  readonly status?: number;
}

function read({ method = 'POST', target = '/graphql', headers = [], body = '', chunkBytes = 999 }: Sent) {
  const reading = {
    plans,
    refusesUnreadable: true,
    decode: decodeWhole,
    countsMessages: false,
    nowMs: () => 0,
  };
  const request = new GraphqlRequest(method, target, headers, sha256Hex, MAX_BYTES, reading);
  expect(typeof request.verdict === 'object' ? 'refused' : request.verdict).not.toBe('pass');
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length; at += chunkBytes) request.write(bytes.subarray(at, at + chunkBytes));
  request.end();
  return request;
}

/** Status of the refusal, or what was counted in the answer. */
function outcome(
  sent: Sent,
  { contentType = 'application/json', body = RESULT, status = 200 }: Answered = {},
) {
  const request = read(sent);
  if (request.verdict !== 'pass')
    return typeof request.verdict === 'object' ? request.verdict.status : 'held';
  const fields = { declaredCount: undefined, contentType, contentEncoding: undefined };
  const decision = decide(sent.method ?? 'POST', status, fields, match, request);
  const limits = { maxDecodedBytes: 1 << 30, wantsIds: false };
  const counter = createCounter(decision, nodeDecoders, limits, () => {});
  for (const byte of Buffer.from(body)) counter.write(Uint8Array.of(byte));
  let result: CountResult = { posts: -1 };
  counter.end((ended) => {
    result = ended;
  });
  return result.uncounted ?? result.posts;
}

const type = (value: string, ...more: string[]) => ['Content-Type', value, ...more];
const coded = (coding: string) => type('application/json', 'Content-Encoding', coding);

function utf16(text: string, order: 'le' | 'be', mark: boolean): Uint8Array {
  const bytes = Buffer.from(`${mark ? '\ufeff' : ''}${text}`, 'utf16le');
  return order === 'le' ? bytes : bytes.swap16();
}

function multipart(parts: readonly [head: string, content: string][]): string {
  const text = parts.map(
    ([head, content]) => `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`,
  );
  return `${text.join('')}--b--\r\n`;
}
const FORM = type('multipart/form-data; boundary=b');
const OPERATIONS: [string, string] = ['name="operations"', JSON.stringify({ query: QUERY, x: '100%é' })];
const FILE: [string, string] = ['name="0"; filename="a.bin"', 'x'.repeat(3 * MAX_BYTES)];

describe('a request that is counted', () => {
  it.each<[string, Sent]>([
    ['plain', { body: ASKED }],
    ['by GET', { method: 'GET', target: `/graphql?query=${QUERY}` }],
    ['in gzip', { body: gzipSync(ASKED), headers: coded('gzip') }],
    ['in deflate', { body: deflateSync(ASKED), headers: coded('deflate') }],
    ['in bare deflate', { body: deflateRawSync(ASKED), headers: coded('deflate') }],
    ['in br', { body: brotliCompressSync(ASKED), headers: coded('br') }],
    ['in gzip twice', { body: gzipSync(gzipSync(ASKED)), headers: coded('gzip, x-gzip') }],
    ['in UTF-16 with a mark', { body: utf16(ASKED, 'le', true), headers: type('application/json') }],
    ['in UTF-16 of the other order', { body: utf16(ASKED, 'be', true) }],
    [
      'in UTF-16 by name',
      { body: utf16(ASKED, 'le', false), headers: type('application/json; charset=UTF-16') },
    ],
    [
      'in UTF-16BE',
      { body: utf16(ASKED, 'be', false), headers: type('application/json; charset="utf-16be"') },
    ],
    ['in a multipart form', { body: multipart([OPERATIONS, ['name="map"', '{}']]), headers: FORM }],
    ['with a long file', { body: multipart([OPERATIONS, ['name="map"', '{}'], FILE]), headers: FORM }],
    ['in fields of a multipart form', { body: multipart([['name="query"', QUERY]]), headers: FORM }],
    ['by a listed id', { body: '{"id":"listed"}' }],
  ])('%s', (_, sent) => {
    expect(outcome(sent)).toBe(2);
    expect(outcome({ ...sent, chunkBytes: 1 })).toBe(2);
  });
});

describe('a request that is refused', () => {
  const visits = `fragment F0 on P{id} ${Array.from({ length: 15 }, (_, i) => `fragment F${i + 1} on P{...F${i} ...F${i}}`).join(' ')}`;
  it.each<[string, Sent, number]>([
    ['padded beyond the bound', { body: ASKED.padEnd(MAX_BYTES + 1) }, 413],
    ['coded beyond the bound', { body: gzipSync(ASKED.padEnd(MAX_BYTES + 1)), headers: coded('gzip') }, 400],
    [
      'with fields beyond the bound',
      { body: multipart([['name="a"', 'x'.repeat(MAX_BYTES)], OPERATIONS]), headers: FORM },
      413,
    ],
    ['in a coding that does not decode', { body: ASKED, headers: coded('gzip') }, 400],
    ['in a coding that is not read', { body: ASKED, headers: coded('zstd') }, 400],
    ['in UTF-7', { body: ASKED, headers: type('application/json; charset=utf-7') }, 400],
    ['with a member twice', { body: `{"query":"{users{id}}","query":"${QUERY}"}` }, 400],
    ['with its operations twice', { body: multipart([OPERATIONS, OPERATIONS]), headers: FORM }, 400],
    [
      'with operations and a query',
      { body: multipart([OPERATIONS, ['name="query"', '{users{id}}']]), headers: FORM },
      400,
    ],
    ['that is no JSON', { body: '{"query":' }, 400],
    ['of GET with a body', { method: 'GET', target: `/graphql?query={users{id}}`, body: ASKED }, 400],
    [
      'with one key for two things under @defer',
      { body: JSON.stringify({ query: '{posts{id ...@defer{x:posts{id}}} x:users{id}}' }) },
      400,
    ],
    [
      'with @stream beside @defer',
      { body: JSON.stringify({ query: '{posts@stream{id ...@defer{text}}}' }) },
      400,
    ],
    [
      'over one connection of SSE',
      { method: 'GET', headers: ['Accept', 'text/event-stream', 'X-GraphQL-Event-Stream-Token', 't'] },
      400,
    ],
    ['for the stream of one connection', { method: 'GET', headers: ['Accept', 'Text/Event-Stream'] }, 400],
    [
      'for a stream that another answer goes to',
      { body: ASKED, headers: type('application/json', 'X-GraphQL-Event-Stream-Token', 't') },
      400,
    ],
    ...['text/event-stream', 'text/*', 'application/jsonl, */*', 'multipart/mixed'].map(
      (accept): [string, Sent, number] => [
        `as a batch for ${accept}`,
        { body: `[${ASKED}]`, headers: type('application/json', 'Accept', accept) },
        400,
      ],
    ),
    ['with a document that does not parse', { body: '{"query":"{posts{id}"}' }, 400],
    [
      'with fragments that grow beyond the bound',
      { body: JSON.stringify({ query: `${visits} {posts{...F15}}` }) },
      400,
    ],
    ...['', 'graphql', 'graphql-ws, graphql', 'graphql-transport-ws,'].map(
      (protocol): [string, Sent, number] => [
        `over a WebSocket with the protocol "${protocol}"`,
        { method: 'GET', headers: ['Upgrade', 'websocket', 'Sec-WebSocket-Protocol', protocol] },
        400,
      ],
    ),
    [
      'over a WebSocket or another protocol',
      { method: 'GET', headers: ['Upgrade', 'other, WebSocket', 'Sec-WebSocket-Protocol', 'graphql-ws'] },
      400,
    ],
  ])('%s', (_, sent, status) => {
    expect(outcome(sent)).toBe(status);
  });

  it('does not ask for posts in @defer and passes', () => {
    expect(outcome({ body: JSON.stringify({ query: '{...@defer{users{id}}}' }) })).toBe(0);
    expect(outcome({ body: JSON.stringify({ query: '{...@defer(if:false){posts{id}}}' }) })).toBe(2);
  });

  it.each(['graphql-transport-ws', 'graphql-ws', 'graphql-transport-ws, graphql-ws'])(
    'is not a WebSocket with the protocol %s',
    (protocol) => {
      const headers = ['Upgrade', 'WebSocket', 'Sec-WebSocket-Protocol', protocol];
      expect(read({ method: 'GET', headers }).verdict).toBe('pass');
    },
  );

  it('stays uncounted if it names a query that is not known here', () => {
    expect(outcome({ body: '{"id":"other"}' })).toBe('document');
    expect(outcome({ body: JSON.stringify({ id: 'other', query: '{users{id}}' }) })).toBe('document');
  });
});

describe('an answer in frames', () => {
  const event = (value: string) => `event: next\r\ndata: ${value}\r\n\r\n`;
  const part = (value: string) => `\r\n--x\r\nContent-Type: application/json\r\n\r\n${value}`;
  it.each<[string, Answered, number | string]>([
    [
      'events',
      {
        contentType: 'text/event-stream',
        body: `${event(RESULT)}:\n\n${event(RESULT)}event: complete\r\ndata:\r\n\r\n`,
      },
      4,
    ],
    [
      'parts',
      {
        contentType: 'multipart/mixed; boundary=x',
        body: `${part(RESULT)}${part('{}')}${part(RESULT)}\r\n--x--`,
      },
      4,
    ],
    [
      'parts that wrap the result',
      {
        contentType: 'multipart/mixed;boundary="x"; subscriptionSpec=1.0',
        body: `${part(`{"payload":${RESULT}}`)}\r\n--x--`,
      },
      2,
    ],
    ['lines', { contentType: 'application/jsonl; charset=utf-8', body: `${RESULT}\n${RESULT}\n` }, 4],
    ['a sequence', { contentType: 'application/json-seq', body: `\x1e${RESULT}\n\x1e${RESULT}\n` }, 4],
    ['an event that is no JSON', { contentType: 'text/event-stream', body: event('{"data":{') }, 'truncated'],
  ])('%s', (_, answered, expected) => {
    expect(outcome({ body: ASKED }, answered)).toBe(expected);
  });

  it('is uncounted if the document is not known', () => {
    const answered = { contentType: 'text/event-stream', body: event(RESULT) };
    expect(outcome({ body: '{"id":"other"}' }, answered)).toBe('document');
  });

  it('is counted beside an unknown id if its posts are there', () => {
    const body = JSON.stringify({ query: QUERY, id: 'other' });
    const answered = { contentType: 'text/event-stream', body: event(RESULT) };
    expect(outcome({ body }, answered)).toBe(2);
    expect(outcome({ body }, { ...answered, body: event('{"data":{"x":[{}]}}') })).toBe('document');
  });
});

describe('a batch', () => {
  const doubling = (name: string) => {
    const fragments = Array.from({ length: 12 }, (_, i) => `fragment F${i + 1} on P{...F${i} ...F${i}}`);
    return `query ${name}{posts{...F12}} fragment F0 on P{id} ${fragments.join(' ')}`;
  };

  it('is refused if its documents take more than the budget of one request together', () => {
    const batch = Array.from({ length: 80 }, (_, i) => ({ query: doubling(`A${i}`) }));
    expect(outcome({ body: JSON.stringify(batch.slice(0, 2)) }, { body: `[${RESULT},${RESULT}]` })).toBe(4);
    expect(outcome({ body: JSON.stringify(batch) })).toBe(400);
    // What another request has left over is not decided by this one.
    expect(outcome({ body: JSON.stringify(batch.slice(60, 62)) }, { body: `[${RESULT},${RESULT}]` })).toBe(4);
  });

  it('counts a thousand documents of the same form', () => {
    const batch = Array.from({ length: 1_000 }, () => ({ query: QUERY }));
    const answer = `[${Array.from({ length: 1_000 }, () => RESULT).join()}]`;
    expect(outcome({ body: JSON.stringify(batch) }, { body: answer })).toBe(2_000);
  });
});
