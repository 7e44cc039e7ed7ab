/** Endless streams: their posts reach the ledger while they run, and a client over its limit is cut. */

import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  constants,
  createBrotliCompress,
  createBrotliDecompress,
  createDeflate,
  createGunzip,
  createGzip,
  createInflate,
} from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addClients, metricOf, setTariff, usageOf } from '../support/gateway/accounts.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { ask } from '../support/http/ask.ts';
import type { Origin } from '../support/origins/listening.ts';
import { startScriptedOrigin } from '../support/origins/scripted.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const CONFIG = {
  // A tariff applies from the next bucket on.
  bucketSeconds: 1,
  routes: [
    { path: '/lines', format: 'ndjson', posts: [{ json: '$' }] },
    { path: '/events', format: 'sse', events: ['post'], posts: [{ json: '$.list[*]' }] },
  ],
};
const SOON = { timeout: 20_000, interval: 50 };

/** The origin's bytes for one post, with heartbeats and irrelevant events between the posts. */
const FRAMES: Readonly<Record<string, (id: number) => string>> = {
  '/lines': (id) => `{"id":${id},"text":"line ${id}"}\r\n\r\n`,
  '/events': (id) =>
    `: alive\n\nevent: gone\ndata: ${id}\n\nevent: post\ndata: {"list":\ndata: [{"id":${id}}]}\n\n`,
};
const TYPES: Readonly<Record<string, string>> = {
  '/lines': 'application/x-ndjson',
  '/events': 'text/event-stream',
};

/** Each event is a separate packet, as a streaming server sends it. */
const SYNC = { flush: constants.Z_SYNC_FLUSH };
const SYNC_BR = { flush: constants.BROTLI_OPERATION_FLUSH };

const CODINGS = {
  identity: { encode: null, decode: null },
  gzip: { encode: () => createGzip(SYNC), decode: createGunzip },
  deflate: { encode: () => createDeflate(SYNC), decode: createInflate },
  br: { encode: () => createBrotliCompress(SYNC_BR), decode: createBrotliDecompress },
} as const;
type Coding = keyof typeof CODINGS;

/** The origin's end of a stream, controlled by the test. */
class Stream {
  sent = 0;
  isOpen = true;
  readonly #response: ServerResponse;
  readonly #encoder: ReturnType<typeof createGzip> | ReturnType<typeof createBrotliCompress> | null;
  readonly #frame: (id: number) => string;

  constructor(url: URL, response: ServerResponse) {
    const coding = (url.searchParams.get('coding') ?? 'identity') as Coding;
    this.#response = response;
    this.#frame = FRAMES[url.pathname]!;
    this.#encoder = CODINGS[coding].encode?.() ?? null;
    response.writeHead(200, {
      'content-type': TYPES[url.pathname]!,
      ...(coding === 'identity' ? {} : { 'content-encoding': coding }),
    });
    this.#encoder?.pipe(response);
    response.flushHeaders();
    response.on('close', () => {
      this.isOpen = false;
    });
  }

  async send(posts: number): Promise<void> {
    for (let i = 0; i < posts && this.isOpen; i++) {
      this.sendText(this.#frame(this.sent++));
      await sleep(5);
    }
  }

  sendText(text: string): void {
    (this.#encoder ?? this.#response).write(text);
  }

  end(): void {
    (this.#encoder ?? this.#response).end();
  }
}

let origin: Origin;
let database: FreshDatabase;
let gateway: GatewayProcess;
const streams: Stream[] = [];

beforeAll(async () => {
  origin = await startScriptedOrigin((url, response) => {
    if (FRAMES[url.pathname] === undefined) response.end();
    else streams.push(new Stream(url, response));
  });
  database = await freshDatabase('streams');
  gateway = await startGatewayProcess({
    upstream: origin.url,
    config: CONFIG,
    env: { DATABASE_URL: database.url },
  });
});

afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
  await database?.drop();
});

interface Listener {
  readonly stream: Stream;
  readonly response: IncomingMessage;
  /** Frames with a post that have arrived completely. */
  posts(): number;
  leave(): void;
}

/** Opens a stream through the gateway and reads it, decoded. */
async function listen(
  through: GatewayProcess,
  path: string,
  coding: Coding,
  from: { localAddress?: string; headers?: Record<string, string> },
): Promise<Listener> {
  const before = streams.length;
  const request = httpRequest(`${through.url}${path}?coding=${coding}`, { agent: false, ...from }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  const sink = new Writable({
    write: (chunk: Buffer, _, done) => {
      text += chunk.toString();
      done();
    },
  });
  const decoder = CODINGS[coding].decode?.() ?? null;
  response.on('error', () => {});
  if (decoder === null) response.pipe(sink);
  else
    response
      .pipe(decoder)
      .on('error', () => {})
      .pipe(sink);
  return {
    stream: streams[before]!,
    response,
    posts: () => text.match(/"id":\d+[^\n]*\r?\n\r?\n/g)?.length ?? 0,
    leave: () => request.destroy(),
  };
}

describe.each([
  ['/lines', 'identity', '127.0.0.61'],
  ['/lines', 'gzip', '127.0.0.62'],
  ['/lines', 'br', '127.0.0.63'],
  ['/lines', 'deflate', '127.0.0.64'],
  ['/events', 'identity', '127.0.0.65'],
  ['/events', 'gzip', '127.0.0.66'],
] as const)('%s, %s', (path, coding, localAddress) => {
  it('is in the ledger while it runs, with every post once, and is one request at its end', async () => {
    const { stream, posts } = await listen(gateway, path, coding, { localAddress });
    for (const expected of [1, 10]) {
      await stream.send(expected - stream.sent);
      await expect.poll(posts, SOON).toBe(expected);
      // The stream is idle, and still open.
      await expect
        .poll(() => usageOf(gateway, `addr:${localAddress}`), SOON)
        .toEqual({ posts: expected, requests: 0, refused: 0, uncounted: 0 });
    }
    expect(stream.isOpen).toBe(true);
    await stream.send(5);
    stream.end();
    await expect
      .poll(() => usageOf(gateway, `addr:${localAddress}`), SOON)
      .toEqual({ posts: 15, requests: 1, refused: 0, uncounted: 0 });
    expect(posts()).toBe(15);
  });
});

it('a client that leaves has its received posts in the ledger, once', async () => {
  const localAddress = '127.0.0.67';
  const listener = await listen(gateway, '/lines', 'identity', { localAddress });
  await listener.stream.send(10);
  await expect.poll(listener.posts, SOON).toBe(10);
  listener.leave();
  await expect.poll(() => listener.stream.isOpen, SOON).toBe(false);
  await expect
    .poll(() => usageOf(gateway, `addr:${localAddress}`), SOON)
    .toEqual({ posts: 10, requests: 1, refused: 0, uncounted: 0 });
});

it('a faulty line loses only its own posts, and is reported at the end', async () => {
  const localAddress = '127.0.0.68';
  const { stream } = await listen(gateway, '/lines', 'identity', { localAddress });
  await stream.send(3);
  stream.sendText('{"id":\n');
  await stream.send(2);
  stream.end();
  await expect
    .poll(() => usageOf(gateway, `addr:${localAddress}`), SOON)
    .toEqual({ posts: 5, requests: 1, refused: 0, uncounted: 1 });
  expect(await metricOf(gateway, 'postmeter_uncounted_responses_total', 'reason="truncated"')).toBe(1);
});

describe.each(['identity', 'gzip'] as const)('a client whose tariff refuses, %s', (coding) => {
  it('is cut in mid-stream at its limit, and refused from then on', async () => {
    const id = `limited-${coding}`;
    const key = (await addClients([gateway], [id])).get(id)!;
    await setTariff([gateway], { id, key }, { threshold: 20, onThreshold: 'refuse' });
    const headers = { authorization: `Bearer ${key}` };
    const { stream, response, posts } = await listen(gateway, '/lines', coding, { headers });
    await stream.send(1_000);
    await expect.poll(() => response.closed, SOON).toBe(true);
    expect(response.complete).toBe(false);
    expect(stream.isOpen).toBe(false);
    // Bytes that were in flight when the limit was reached are delivered and count.
    expect(posts()).toBeGreaterThanOrEqual(20);
    expect(posts()).toBeLessThan(40);
    await expect.poll(async () => (await usageOf(gateway, id)).posts, SOON).toBe(posts());
    expect((await ask(gateway.url, '/lines', { headers })).status).toBe(429);
  });
});

it('after SIGKILL in mid-stream, delivered posts are in the ledger after the restart, once', async () => {
  const own = await freshDatabase('streams-killed');
  const options = { upstream: origin.url, config: CONFIG, env: { DATABASE_URL: own.url } };
  const first = await startGatewayProcess(options);
  const localAddress = '127.0.0.69';
  const { stream, posts } = await listen(first, '/events', 'identity', { localAddress });
  await stream.send(50);
  await expect.poll(posts, SOON).toBe(50);
  await expect.poll(() => metricOf(first, 'postmeter_posts_total'), SOON).toBe(50);
  await first.kill();
  const second = await startGatewayProcess({ ...options, dataDir: first.dataDir });
  await expect
    .poll(() => usageOf(second, `addr:${localAddress}`), SOON)
    .toEqual({ posts: 50, requests: 0, refused: 0, uncounted: 0 });
  await second.stop();
  await own.drop();
});
