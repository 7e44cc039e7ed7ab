/**
 * Exchanges that every deployment must handle alike: the request, the platform's response, and what the client and the
 * ledger must get.
 */

import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { rawFrame, ZSTD_PAGE_OF_40 } from '../adapters/node/coding/zstd-frames.ts';
import { pageOf } from '../support/origins/scripted.ts';
import type { Asked } from './deployments.ts';

/** The configuration of every deployment. */
export const CONFIG = {
  // A tariff applies from the next bucket on.
  bucketSeconds: 1,
  identify: {
    credentials: [
      { from: 'bearer' },
      { from: 'header', name: 'X-API-Key' },
      { from: 'query', name: 'api_key', unknown: 'pass' },
    ],
  },
  count: { maxDecodedBytes: 2_000_000 },
  upstream: { clientHeader: 'Postmeter-Client', agentHeader: 'Postmeter-Agent' },
  routes: [
    { name: 'timeline', path: '/posts/**', posts: [{ json: '$.data[*]', id: 'id' }] },
    { name: 'lines', path: '/lines/**', format: 'ndjson', posts: [{ json: '$' }] },
    { name: 'events', path: '/events/**', format: 'sse', events: ['post'], posts: [{ json: '$.list[*]' }] },
    { name: 'feed', path: '/feed/**', format: 'feed', posts: [{ feed: 'entry', id: 'guid | id' }] },
    {
      name: 'pages',
      path: '/pages/**',
      format: 'html',
      posts: [{ html: 'article.post', not: 'aside', id: 'data-id' }],
    },
    { name: 'graph', path: '/graphql/**', format: 'graphql', posts: [{ graphql: 'posts', id: 'id' }] },
  ],
} as const;

export interface Exchange {
  readonly name: string;
  /** The metered client: one with a key, an address (`addr:...`) or an address range. */
  readonly client: string;
  /** Path prefix before the number of the exchange. Default `/posts`. */
  readonly path?: string;
  readonly query?: string;
  readonly asked?: Asked;
  /** What the platform receives about the asker, if the exchange is about it. */
  readonly agent?: string;
  /** How the key is sent; default `Authorization: Bearer`. With `none` the client is identified by its address. */
  readonly key?: 'bearer' | 'header' | 'query' | 'none';
  /** The platform's response, after it has read the request. */
  readonly answer: (response: ServerResponse, body: Buffer) => void;
  /** Default 200. */
  readonly status?: number;
  /** Posts that the ledger gains. Default 0. */
  readonly posts?: number;
  /** True if the response cannot be counted. */
  readonly uncounted?: boolean;
  readonly refused?: boolean;
  /** False if the platform aborts the response, and the gateway must, too. Default true. */
  readonly whole?: boolean;
}

type Headers = Readonly<Record<string, string | number | readonly string[]>>;

const JSON_TYPE = 'application/json';
const send =
  (body: string | Buffer, headers: Headers = {}, status = 200) =>
  (response: ServerResponse): void => {
    const length = { 'content-length': Buffer.byteLength(body) };
    response.writeHead(status, { 'content-type': JSON_TYPE, ...length, ...headers } as never).end(body);
  };
const typed = (type: string, body: string, headers: Headers = {}) =>
  send(body, { 'content-type': type, ...headers });
const coded = (coding: string, body: Buffer) => send(body, { 'content-encoding': coding });
/** Writes in several turns, without a length. */
const inParts =
  (type: string, parts: readonly (string | Buffer)[]) =>
  (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': type });
    const next = (at: number): void => {
      if (at === parts.length) return void response.end();
      response.write(parts[at]!);
      setTimeout(() => next(at + 1), 5);
    };
    next(0);
  };
const digested = (response: ServerResponse, body: Buffer): void => {
  const sha256 = createHash('sha256').update(body).digest('hex');
  send(JSON.stringify({ bytes: body.length, sha256 }))(response);
};

const PAGE = Buffer.from(pageOf(9));
const RSS =
  '<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>' +
  '<item><guid>1</guid><title>a</title></item><item><guid>2</guid></item><item><guid>3</guid></item></channel></rss>';
const ATOM =
  '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>' +
  '<entry><id>urn:1</id></entry><entry><id>urn:2</id></entry></feed>';
const HTML =
  '<!doctype html><html><head><title>p</title></head><body><main>' +
  '<article class="post" data-id="1">one</article><article class="post" data-id="2"><p>two &amp; 2</article>' +
  '<aside><article class="post" data-id="3">promoted</article></aside>' +
  '<!-- <article class="post"> --><script>"<article class=\\"post\\">"</script>' +
  '<article class="post wide" data-id=4>four</article></main></body></html>';
const EVENTS =
  ': alive\n\nevent: gone\ndata: 1\n\nevent: post\ndata: {"list":\ndata: [{"id":1},{"id":2}]}\n\n' +
  'event: post\ndata: {"list":[{"id":3}]}\n\n';
const LINES = '{"id":1}\n{"id":2,"text":"\\n"}\r\n\n{"id":3}\n';
const QUERY = 'query($n:Int){mine:posts(first:$n){edges{node{id}}}}';
const GRAPH = JSON.stringify({ data: { mine: { edges: [1, 2, 3].map((id) => ({ node: { id } })) } } });
const asJson = (body: unknown): Asked => ({
  method: 'POST',
  headers: { 'content-type': JSON_TYPE },
  body: JSON.stringify(body),
});

export const EXCHANGES: readonly Exchange[] = [
  {
    name: 'a page of JSON',
    client: 'acme',
    agent: '"";class=developer;evidence=credential',
    answer: send(PAGE),
    posts: 9,
  },
  {
    name: 'the claim of an agent that cannot be checked',
    client: 'addr:198.51.100.6',
    key: 'none',
    asked: {
      address: '198.51.100.6',
      headers: { 'user-agent': 'Mozilla/5.0 (compatible; Bytespider)', 'postmeter-agent': '"";class=human' },
    },
    agent: '"Bytespider";class=ai_training;also-as=unknown;verdict=uncheckable;evidence=claim',
    answer: send(PAGE),
    posts: 9,
  },
  { name: 'a page without posts', client: 'acme', answer: send(pageOf(0)) },
  {
    name: 'a large page in many chunks',
    client: 'acme',
    answer: inParts(JSON_TYPE, chunksOf(pageOf(20_000), 30)),
    posts: 20_000,
  },
  {
    name: 'the key in a header of its own',
    client: 'acme',
    key: 'header',
    answer: send(pageOf(4)),
    posts: 4,
  },
  { name: 'the key in the query', client: 'acme', key: 'query', answer: send(pageOf(5)), posts: 5 },
  { name: 'a path without a rule', client: 'acme', path: '/elsewhere', answer: send(PAGE) },
  {
    name: 'a path that must not be normalised',
    client: 'acme',
    query: '?q=%2F%2e%2e%20a+b&&x=%C3%BC',
    answer: send(pageOf(1)),
    posts: 1,
  },
  { name: '201', client: 'acme', answer: send(pageOf(3), {}, 201), status: 201, posts: 3 },
  { name: '204', client: 'acme', answer: (response) => response.writeHead(204).end(), status: 204 },
  { name: '301', client: 'acme', answer: send('', { location: '/posts' }, 301), status: 301 },
  {
    name: '302 elsewhere',
    client: 'acme',
    answer: send('', { location: 'https://elsewhere.test/' }, 302),
    status: 302,
  },
  {
    name: '304',
    client: 'acme',
    answer: (response) => response.writeHead(304, { etag: '"e"' }).end(),
    status: 304,
  },
  { name: '403', client: 'acme', answer: send(PAGE, {}, 403), status: 403, posts: 9 },
  { name: '404', client: 'acme', answer: send(PAGE, {}, 404), status: 404, posts: 9 },
  { name: '500', client: 'acme', answer: send(PAGE, {}, 500), status: 500, posts: 9 },
  { name: 'HEAD', client: 'acme', asked: { method: 'HEAD' }, answer: send(PAGE) },
  { name: 'DELETE', client: 'acme', asked: { method: 'DELETE' }, answer: send('{}') },
  {
    name: 'a range',
    client: 'acme',
    asked: { headers: { range: 'bytes=0-9' } },
    answer: send(PAGE.subarray(0, 10), { 'content-range': `bytes 0-9/${PAGE.length}` }, 206),
    status: 206,
    uncounted: true,
  },
  {
    name: 'several cookies',
    client: 'acme',
    answer: send(pageOf(2), { 'set-cookie': ['a=1; Path=/', 'b=2; Expires=Wed, 09 Jun 2032 10:18:14 GMT'] }),
    posts: 2,
  },
  {
    name: 'an upload',
    client: 'acme',
    path: '/upload',
    asked: { method: 'POST', body: Buffer.alloc(300_000, 'upload ') },
    answer: digested,
  },
  { name: 'gzip', client: 'coded', answer: coded('gzip', gzipSync(pageOf(11))), posts: 11 },
  { name: 'br', client: 'coded', answer: coded('br', brotliCompressSync(pageOf(12))), posts: 12 },
  { name: 'deflate', client: 'coded', answer: coded('deflate', deflateSync(pageOf(13))), posts: 13 },
  { name: 'zstd', client: 'coded', answer: coded('zstd', ZSTD_PAGE_OF_40), posts: 40 },
  {
    name: 'zstd in raw blocks',
    client: 'coded',
    answer: coded('zstd', rawFrame(Buffer.from(pageOf(2_000)))),
    posts: 2_000,
  },
  { name: 'an unknown coding', client: 'coded', answer: coded('compress', PAGE), uncounted: true },
  { name: 'invalid gzip', client: 'coded', answer: coded('gzip', PAGE), uncounted: true },
  {
    name: 'gzip over the limit',
    client: 'coded',
    answer: coded('gzip', gzipSync(' '.repeat(2_000_000) + pageOf(1))),
    uncounted: true,
  },
  { name: 'not JSON', client: 'odd', answer: send('<html>'), uncounted: true },
  { name: 'an empty body', client: 'odd', answer: send(''), uncounted: true },
  { name: 'JSON that is cut', client: 'odd', answer: send(PAGE.subarray(0, 30)), uncounted: true },
  { name: 'another shape', client: 'odd', answer: send('{"data":"posts"}'), uncounted: true },
  { name: 'a declared count', client: 'odd', answer: send('no JSON', { 'x-post-count': '42' }), posts: 42 },
  {
    name: 'a declared count that is not a number',
    client: 'odd',
    answer: send(PAGE, { 'x-post-count': 'many' }),
    uncounted: true,
  },
  {
    name: 'NDJSON',
    client: 'streams',
    path: '/lines',
    answer: inParts('application/x-ndjson', chunksOf(LINES, 4)),
    posts: 3,
  },
  {
    name: 'SSE',
    client: 'streams',
    path: '/events',
    answer: inParts('text/event-stream', chunksOf(EVENTS, 6)),
    posts: 3,
  },
  {
    name: 'NDJSON in gzip',
    client: 'streams',
    path: '/lines',
    answer: send(gzipSync(LINES), { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' }),
    posts: 3,
  },
  { name: 'RSS', client: 'documents', path: '/feed', answer: typed('application/rss+xml', RSS), posts: 3 },
  {
    name: 'Atom in br',
    client: 'documents',
    path: '/feed',
    answer: send(brotliCompressSync(ATOM), {
      'content-type': 'application/atom+xml',
      'content-encoding': 'br',
    }),
    posts: 2,
  },
  {
    name: 'HTML',
    client: 'documents',
    path: '/pages',
    answer: typed('text/html; charset=utf-8', HTML),
    posts: 3,
  },
  {
    name: 'HTML in chunks',
    client: 'documents',
    path: '/pages',
    answer: inParts('text/html', chunksOf(HTML, 9)),
    posts: 3,
  },
  {
    name: 'HTML in gzip',
    client: 'documents',
    path: '/pages',
    answer: send(gzipSync(HTML), { 'content-type': 'text/html', 'content-encoding': 'gzip' }),
    posts: 3,
  },
  {
    name: 'GraphQL',
    client: 'documents',
    path: '/graphql',
    asked: asJson({ query: QUERY, variables: { n: 3 } }),
    answer: send(GRAPH),
    posts: 3,
  },
  {
    name: 'a mutation',
    client: 'documents',
    path: '/graphql',
    asked: asJson({ query: 'mutation{like{id}}' }),
    answer: send('{"data":{"like":{"id":1}}}'),
  },
  {
    name: 'an address without a key',
    client: 'addr:198.51.100.7',
    key: 'none',
    asked: { address: '198.51.100.7' },
    answer: send(pageOf(6)),
    posts: 6,
  },
  {
    name: 'an address of IPv6',
    client: 'addr:2001:db8:1::/56',
    key: 'none',
    asked: { address: '2001:db8:1:2::9' },
    answer: send(pageOf(7)),
    posts: 7,
  },
  {
    name: 'an address in a range',
    client: 'ranges',
    key: 'none',
    asked: { address: '203.0.113.77' },
    answer: send(pageOf(8)),
    posts: 8,
  },
  {
    name: 'an unknown key',
    // Refused requests do not create a client.
    client: 'net:198.51.100.0/24',
    key: 'none',
    asked: { address: '198.51.100.8', headers: { authorization: 'Bearer pmk_nobody' } },
    answer: send(PAGE),
    status: 401,
    refused: true,
  },
  {
    name: 'a key that only the platform checks',
    client: 'addr:198.51.100.9',
    key: 'none',
    query: '?api_key=theirs',
    asked: { address: '198.51.100.9' },
    answer: send(pageOf(3)),
    posts: 3,
  },
  { name: 'a client that is exempt', client: 'exempt', answer: send(pageOf(10)), posts: 10 },
  { name: 'within the quota', client: 'quota', answer: send(pageOf(20)), posts: 20 },
  { name: 'over the threshold', client: 'breacher', answer: send(pageOf(150)), posts: 150 },
];

/** The path that identifies the exchange to the platform. */
export function targetOf(exchange: Exchange): string {
  return `${exchange.path ?? '/posts'}/${EXCHANGES.indexOf(exchange)}${exchange.query ?? ''}`;
}

function chunksOf(text: string, pieces: number): string[] {
  const size = Math.ceil(text.length / pieces);
  return Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
    text.slice(at * size, (at + 1) * size),
  );
}
