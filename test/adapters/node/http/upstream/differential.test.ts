/**
 * Compares the upstream client with undici and Node's own client on random and broken answers in random pieces. Set
 * DIFFERENTIAL_ANSWERS for a longer run and DIFFERENTIAL_SEED to repeat one.
 */

import { request as httpRequest } from 'node:http';
import type { Socket } from 'node:net';
import { request as undiciRequest } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnector } from '../../../../../src/adapters/node/http/upstream/connector.ts';
import { UpstreamPool } from '../../../../../src/adapters/node/http/upstream/pool.ts';
import { startByteOrigin } from '../../../../support/origins/bytes.ts';
import type { Origin } from '../../../../support/origins/listening.ts';
import { GET, Recorder } from './platform.ts';

const ANSWERS = Number(process.env.DIFFERENTIAL_ANSWERS ?? 250);
const SEED = Number(process.env.DIFFERENTIAL_SEED ?? 1);
const TIMEOUT_MS = 1_000;

/** How a client read an answer; null if it reported an error. */
type Reading = { readonly status: number; readonly body: string } | null;

let origin: Origin;
let url: string;
/** Writes the answer to a connection. */
let answer: (socket: Socket) => void = () => {};

beforeAll(async () => {
  origin = await startByteOrigin((socket) => socket.once('data', () => answer(socket)));
  url = origin.url;
});
afterAll(() => origin.stop());

async function ours(method: string): Promise<Reading> {
  const limits = { connections: 1, connectTimeoutMs: 1_000, headersTimeoutMs: 1_000, bodyTimeoutMs: 1_000 };
  const pool = new UpstreamPool(createConnector({ url }), limits);
  const recorder = new Recorder();
  pool.send({ ...GET, method }, recorder);
  const { status, body, error } = await recorder.ended;
  await pool.close();
  return error === null ? { status, body } : null;
}

async function undicis(method: string): Promise<Reading> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answered = await undiciRequest(url, { method: method as 'GET', reset: true, signal });
    const body = Buffer.from(await answered.body.arrayBuffer()).toString('latin1');
    return { status: answered.statusCode, body };
  } catch {
    return null;
  }
}

function nodes(method: string): Promise<Reading> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const sent = httpRequest(url, { method, agent: false, signal }, (answered) => {
      let body = '';
      answered.on('data', (chunk: Buffer) => {
        body += chunk.toString('latin1');
      });
      answered.on('error', () => resolve(null));
      answered.on('close', () => resolve(answered.complete ? { status: answered.statusCode!, body } : null));
    });
    sent.on('error', () => resolve(null));
    sent.on('upgrade', (_answered, socket) => {
      socket.destroy();
      resolve(null);
    });
    sent.end();
  });
}

/** mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const STATUS_LINES = [
  ...Array<string>(6).fill('HTTP/1.1 200 OK'),
  ...['HTTP/1.0 200 OK', 'HTTP/1.1 204 No Content', 'HTTP/1.1 304 Not Modified', 'HTTP/1.1 404'],
  ...['HTTP/1.1 099 Low', 'HTTP/1.2 200 OK', 'HTTP/1.1 2000 OK', 'HTTP/1.1 200 \xc7a'],
  'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK',
];
const FIELDS = [
  ...['X: y', 'X:', 'X: a\r\n b', 'X : y', 'X', ': y', 'X: a\0b', 'X: a\rb', 'X: a\nb', 'X\t: y', ' X: y'],
  ...['Connection: close', 'Connection: keep-alive', 'Keep-Alive: timeout=5', 'Content-Length: 3'],
  ...['Content-Length: 03', 'Content-Length: +3', 'Content-Length: 3, 3', 'Content-Length:\r\n 3'],
  ...['Transfer-Encoding: chunked', 'Transfer-Encoding: gzip, chunked', 'Transfer-Encoding: identity'],
  ...['Transfer-Encoding: chunked, chunked', 'Transfer-Encoding:\r\n chunked', 'Transfer_Encoding: chunked'],
];
const FRAMES = [
  ...[
    'Content-Length: 5\r\n\r\nhello',
    'Content-Length: 5\r\n\r\nhel',
    'Content-Length: 5\r\n\r\nhello!',
    '\r\nhello',
  ],
  ...[
    '5\r\nhello\r\n0\r\n\r\n',
    '5\r\nhello\r\n0\r\nX: y\r\n\r\n',
    '5;a=b\r\nhello\r\n0\r\n\r\n',
    '5\r\nhello\r\n',
  ].map((chunks) => `Transfer-Encoding: chunked\r\n\r\n${chunks}`),
  ...[
    '5 \r\nhello\r\n0\r\n\r\n',
    '5\nhello\r\n0\r\n\r\n',
    '5\r\nhello0\r\n\r\n',
    '-5\r\nhello\r\n0\r\n\r\n',
  ].map((chunks) => `Transfer-Encoding: chunked\r\n\r\n${chunks}`),
];

function randomAnswer(random: (below: number) => number): string {
  const pick = (from: readonly string[]): string => from[random(from.length)]!;
  const fields = Array.from({ length: random(3) }, () => `${pick(FIELDS)}\r\n`).join('');
  const text = `${pick(STATUS_LINES)}\r\n${fields}${pick(FRAMES)}`;
  if (random(3) > 0) return text;
  // One byte is lost, duplicated or replaced.
  const at = random(text.length);
  const bytes = ['', text[at]!.repeat(2), '\r', '\n', ' ', '\0', ':', '0', ';'];
  return text.slice(0, at) + pick(bytes) + text.slice(at + 1);
}

/** Writes pieces of random length, and then ends the connection. */
function inPieces(text: string, random: (below: number) => number): (socket: Socket) => void {
  const most = 1 + random(text.length);
  return (socket) => {
    let at = 0;
    const next = (): void => {
      if (at >= text.length) {
        socket.end();
        return;
      }
      const end = at + 1 + random(most);
      socket.write(text.slice(at, end), 'latin1');
      at = end;
      setImmediate(next);
    };
    next();
  };
}

it('two clients never accept an answer and read it differently', {
  timeout: 60_000 + 50 * ANSWERS,
}, async () => {
  const random = randomOf(SEED);
  let accepted = 0;
  for (let i = 0; i < ANSWERS; i++) {
    const text = randomAnswer(random);
    const method = random(8) === 0 ? 'HEAD' : 'GET';
    answer = inPieces(text, random);
    const reading = await ours(method);
    if (reading === null) continue;
    accepted++;
    // On Node 22 undici reads the Content-Length of a 204 and a 304 as that of a body, which it is not (RFC 9110,
    // section 8.6).
    const isBodiless = reading.status === 204 || reading.status === 304;
    const others = [isBodiless ? null : await undicis(method), await nodes(method)];
    for (const other of others) {
      if (other !== null) expect({ text, method, ...other }).toEqual({ text, method, ...reading });
    }
  }
  expect(accepted).toBeGreaterThan(ANSWERS / 10);
});

describe('the clients differ in what they accept', () => {
  const CHUNKS = '5\r\nhello\r\n0\r\n\r\n';
  it.each([
    // The body would be forwarded in a coding that no field names.
    ['a coding besides chunked', `HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n${CHUNKS}`],
    // RFC 9112, section 7, no longer defines it.
    ['the coding identity', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nhello'],
    // RFC 9112, section 6.1: the framing of such a message is faulty.
    ['chunks in HTTP/1.0', `HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}`],
    // RFC 9112, section 6.1: a sender applies chunked only once. Readers that join the fields differ from those that
    // do not.
    [
      'two Transfer-Encodings',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}`,
    ],
    // RFC 9112, section 4: it cannot be written to the client.
    ['a control character in the reason', 'HTTP/1.1 200 O\0K\r\nContent-Length: 5\r\n\r\nhello'],
    // RFC 9110, section 15: a status is from 100 to 599. It cannot be written to the client.
    ['a status below 100', 'HTTP/1.1 099 Low\r\nContent-Length: 5\r\n\r\nhello'],
  ])('we refuse %s, which another client accepts', async (_what, text) => {
    answer = (socket) => socket.end(text, 'latin1');
    expect(await ours('GET')).toBeNull();
    expect([await undicis('GET'), await nodes('GET')]).not.toEqual([null, null]);
  });

  it.each([
    // RFC 9110, section 8.6: the length is that of the 200. A 204 with a length is wrong, but cannot be misread.
    ['204 with a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', 204, ''],
    ['304 with a length', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', 304, ''],
    // The body is complete. The connection is closed, so that no request receives the rest as its answer.
    ['304 followed by bytes', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello', 304, ''],
    // RFC 9112, section 5.2: a proxy replaces the fold with a space.
    ['a folded field', 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 5\r\n\r\nhello', 200, 'hello'],
  ])('we accept %s, which undici refuses on some versions of Node', async (_what, text, status, body) => {
    answer = (socket) => socket.end(text, 'latin1');
    expect(await ours('GET')).toEqual({ status, body });
  });
});
