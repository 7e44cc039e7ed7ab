/** GraphQL through the gateway: the document is read as it passes, and the forwarded bytes do not change. */

import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { metricOf, usageOf } from '../support/gateway/accounts.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import type { Origin } from '../support/origins/listening.ts';
import { startScriptedOrigin } from '../support/origins/scripted.ts';

const MAX_REQUEST_BYTES = 256 * 1024;

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** Usage reaches the ledger within a second. The rest is for a busy machine. */
const SOON = { timeout: 20_000, interval: 50 };

const QUERY = 'query($n:Int){mine:posts(first:$n){edges{node{key:id}}}}';
const RESULT = { data: { mine: { edges: [1, 2, 3].map((key) => ({ node: { key } })) } } };
const HASH = createHash('sha256').update(QUERY).digest('hex');
const DIGEST = 'x-request-digest';

const event = (result: object) => `event: next\ndata: ${JSON.stringify(result)}\n\n`;
const part = (result: object) => `\r\n---\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(result)}`;
const LATER = 'query{user{name ...@defer{mine:posts{edges{node{key:id}}}}}}';
/** Media type and body for each Accept value: GraphQL over SSE, and incremental delivery. */
const FRAMED = new Map([
  ['text/event-stream', ['text/event-stream', `${event(RESULT)}${event(RESULT)}event: complete\ndata:\n\n`]],
  [
    'multipart/mixed',
    [
      'multipart/mixed; boundary="-"',
      `${part({ data: { user: { name: 'a' } }, hasNext: true })}${part({
        incremental: [{ data: RESULT.data, path: ['user'] }],
        hasNext: false,
      })}\r\n-----\r\n`,
    ],
  ],
]);

let origin: Origin;
let gateway: GatewayProcess;

/** Returns the same result for every operation, and reports what it received. */
beforeAll(async () => {
  origin = await startScriptedOrigin((_url, response, request) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const [type, frames] = FRAMED.get(request.headers.accept ?? '') ?? [];
      if (type !== undefined) {
        response.writeHead(200, { 'content-type': type, [DIGEST]: digest(body) });
        response.end(frames);
        return;
      }
      const isBatch = body[0] === '['.charCodeAt(0);
      response.writeHead(200, { 'content-type': 'application/json', [DIGEST]: digest(body) });
      response.end(JSON.stringify(isBatch ? [RESULT, RESULT] : RESULT));
    });
  });
  const posts = [{ graphql: 'posts', id: 'id' }];
  const route = { path: '/graphql', format: 'graphql', documents: { listed: QUERY }, posts };
  // Each client sends from an address of its own.
  const config = { routes: [route], trustedProxies: ['127.0.0.1'] };
  gateway = await startGatewayProcess({ upstream: origin.url, config });
});

afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
});

function digest(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
  /** Size of the sent chunks. There is no Content-Length. */
  readonly chunkBytes?: number;
  readonly accept?: string;
}

/** Resolves with the response. Rejects if the upstream received other bytes than were sent. */
function send(
  address: string,
  { method = 'POST', path = '/graphql', body = '', chunkBytes, accept }: Sent,
): Promise<string> {
  const bytes = Buffer.from(body);
  const length =
    chunkBytes === undefined ? { 'content-length': bytes.length } : { 'transfer-encoding': 'chunked' };
  const framing = accept === undefined ? {} : { accept };
  const headers = {
    'x-forwarded-for': address,
    'content-type': 'application/json',
    ...length,
    ...framing,
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest(gateway.url, { method, path, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => {
        if (response.headers[DIGEST] === digest(bytes)) resolve(text);
        else reject(new Error('the upstream received another body'));
      });
    });
    request.on('error', reject);
    const step = chunkBytes ?? bytes.length;
    for (let at = 0; at < bytes.length; at += step) request.write(bytes.subarray(at, at + step));
    request.end();
  });
}

const asked = JSON.stringify({ query: QUERY, variables: { n: 3, text: 'é😀"\\' } });
const hash = { extensions: { persistedQuery: { version: 1, sha256Hash: HASH } } };

it.each<[string, string, readonly Sent[], number]>([
  ['POST', '10.2.0.1', [{ body: asked }], 3],
  ['POST in small chunks', '10.2.0.2', [{ body: asked, chunkBytes: 7 }], 3],
  ['GET', '10.2.0.3', [{ method: 'GET', path: `/graphql?query=${encodeURIComponent(QUERY)}` }], 3],
  ['a listed query', '10.2.0.4', [{ body: '{"id":"listed"}' }], 3],
  ['a batch', '10.2.0.5', [{ body: `[${asked},${asked}]`, chunkBytes: 100 }], 6],
  [
    'a query by its hash, after it was sent with its text',
    '10.2.0.6',
    [{ body: JSON.stringify({ query: QUERY, ...hash }) }, { body: JSON.stringify(hash) }],
    6,
  ],
  [
    'a request exactly at the bound',
    '10.2.0.7',
    [{ body: JSON.stringify({ query: QUERY }).padEnd(MAX_REQUEST_BYTES) }],
    3,
  ],
  ['another operation', '10.2.0.8', [{ body: '{"query":"{mine:users{id}}"}' }], 0],
  ['results in events', '10.2.0.9', [{ body: asked, accept: 'text/event-stream' }], 6],
  ['@defer', '10.2.0.10', [{ body: JSON.stringify({ query: LATER }), accept: 'multipart/mixed' }], 3],
])('counts %s', async (_, address, requests, posts) => {
  for (const one of requests) expect(await send(address, one)).toContain('"key":3');
  await vi.waitFor(async () => {
    expect(await usageOf(gateway, `addr:${address}`)).toMatchObject({
      posts,
      requests: requests.length,
      uncounted: 0,
    });
  }, SOON);
});

it.each<[string, string, Sent]>([
  ['with an unknown id', '10.3.0.3', { body: '{"id":"other"}' }],
  ['without a body', '10.3.0.4', {}],
])('reports that a request %s was not counted', async (_, address, request) => {
  const before = await metricOf(gateway, 'postmeter_uncounted_responses_total', 'reason="document"');
  expect(await send(address, request)).toBe(JSON.stringify(RESULT));
  await vi.waitFor(async () => {
    expect(await usageOf(gateway, `addr:${address}`)).toMatchObject({ posts: 0, requests: 1, uncounted: 1 });
  }, SOON);
  expect(await metricOf(gateway, 'postmeter_uncounted_responses_total', 'reason="document"')).toBe(
    before + 1,
  );
});

it.each<[string, string, Sent]>([
  ['over the bound', '10.3.0.1', { body: asked.padEnd(1_000_000) }],
  ['over the bound in chunks', '10.3.0.2', { body: asked.padEnd(MAX_REQUEST_BYTES + 1), chunkBytes: 10_000 }],
  ['of a batch whose response is in frames', '10.3.0.6', { body: `[${asked}]`, accept: 'text/event-stream' }],
  ['with a duplicate member', '10.3.0.5', { body: `{"query":"{users{id}}","query":"{posts{id}}"}` }],
])('refuses a request %s before the platform receives it', async (_, address, request) => {
  await expect(send(address, request)).rejects.toThrow('the upstream received another body');
  await vi.waitFor(async () => {
    expect(await usageOf(gateway, `addr:${address}`)).toMatchObject({ posts: 0, requests: 1, refused: 1 });
  }, SOON);
});
