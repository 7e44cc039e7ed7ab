/**
 * A body reaches its client byte for byte, and no client sees bytes of another. Framing, coding, chunk sizes, packets
 * and pauses are random, and so are clients that are fast or slow, pipeline requests or leave. Set BYTE_ANSWERS for a
 * longer run.
 */

import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { metricOf } from '../support/gateway/accounts.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { dial, ResponseReader } from '../support/http/response-reader.ts';
import { onHeads, startByteOrigin } from '../support/origins/bytes.ts';
import type { Origin } from '../support/origins/listening.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CONFIG = { routes: [{ path: '/counted/**', posts: [{ json: '$.data[*]' }] }] };

let origin: Origin;
let database: FreshDatabase;
let gateway: GatewayProcess;

beforeAll(async () => {
  origin = await startRandomOrigin();
  database = await freshDatabase('byte_for_byte');
  gateway = await startGatewayProcess({
    upstream: origin.url,
    env: { DATABASE_URL: database.url },
    config: CONFIG,
  });
});

afterAll(async () => {
  await gateway?.stop();
  origin?.stop();
  await database?.drop();
});

/** Returns an integer from 0 to `below` - 1. */
type Random = (below: number) => number;

/** Mulberry32: the same numbers for the same seed, here and in the origin. */
function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) % 1_000_003) % below;
  };
}

interface Sent {
  readonly framing: 'length' | 'chunked' | 'trailers' | 'close';
  readonly isGzip: boolean;
  readonly posts: number;
  readonly chunks: readonly Buffer[];
  readonly hasPauses: boolean;
}

/** The response for a seed: a page of posts whose every byte depends on the seed, so that no two are alike. */
function answerOf(seed: number): Sent {
  const random = randomFrom(seed);
  const framing = (['length', 'chunked', 'trailers', 'close'] as const)[random(4)]!;
  const largest = [8, 300, 3_000, 30_000][random(4)]!;
  const data = Array.from({ length: random(30) }, (_, at) => ({
    text: Buffer.alloc(1 + random(largest), `<${seed}.${at}>`).toString(),
  }));
  const page = Buffer.from(JSON.stringify({ data }));
  const isGzip = random(4) === 0;
  // Level 0 stores the bytes uncompressed.
  const body = isGzip ? gzipSync(page, { level: 0 }) : page;
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; at += chunks.at(-1)!.length) {
    chunks.push(body.subarray(at, at + 1 + random(2 * largest)));
  }
  return { framing, isGzip, posts: data.length, chunks, hasPauses: random(3) === 0 };
}

const TRAILER = 'X-Checksum';

const startRandomOrigin = () =>
  startByteOrigin((socket) =>
    onHeads(socket, (head) => void send(socket, Number(/\/(\d+) HTTP/.exec(head)![1]))),
  );

/** Writes the response in packets of 1 to 20 chunks each. */
async function send(socket: Socket, seed: number): Promise<void> {
  const { framing, isGzip, chunks, hasPauses } = answerOf(seed);
  const random = randomFrom(seed + 1);
  const isChunked = framing === 'chunked' || framing === 'trailers';
  const length = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const fields = {
    length: `Content-Length: ${length}`,
    chunked: 'Transfer-Encoding: chunked',
    trailers: `Transfer-Encoding: chunked\r\nTrailer: ${TRAILER}`,
    close: 'Connection: close',
  }[framing];
  const coding = isGzip ? 'Content-Encoding: gzip\r\n' : '';
  const pieces: Buffer[] = [
    Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${coding}${fields}\r\n\r\n`),
    ...chunks.map((chunk) =>
      isChunked
        ? Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')])
        : chunk,
    ),
  ];
  if (isChunked)
    pieces.push(Buffer.from(framing === 'trailers' ? `0\r\n${TRAILER}: ${seed}\r\n\r\n` : '0\r\n\r\n'));
  while (pieces.length > 0) {
    socket.write(Buffer.concat(pieces.splice(0, 1 + random(20))));
    if (hasPauses) await sleep(random(8));
  }
  if (framing === 'close') socket.end();
}

const ANSWERS = Number(process.env.BYTE_ANSWERS ?? 2_000);
const CONNECTIONS = 64;

type Client = 'fast' | 'slow' | 'ahead' | 'leaving';
const CLIENTS: readonly Client[] = ['fast', 'slow', 'ahead', 'leaving'];

const isCounted = (seed: number): boolean => seed % 2 === 0;
const requestOf = (seed: number): string =>
  `GET ${isCounted(seed) ? '/counted' : '/plain'}/${seed} HTTP/1.1\r\nHost: a\r\n\r\n`;

interface Seen {
  /** Responses that differ from what the origin sent. */
  readonly wrong: string[];
  /** Posts in counted responses that were read completely. */
  posts: number;
  /** Posts in counted responses whose client left. */
  leftPosts: number;
}

/** Requests `answers` responses with all kinds of clients at once. Stops after the first wrong one. */
async function see(url: string, answers: number): Promise<Seen> {
  const seeds = Array.from({ length: answers }, (_, seed) => seed);
  const seen: Seen = { wrong: [], posts: 0, leftPosts: 0 };

  /** Reads the responses to some pipelined requests. */
  const read = async (socket: Socket, reader: ResponseReader, asked: readonly number[]): Promise<void> => {
    socket.write(asked.map(requestOf).join(''));
    for (const seed of asked) {
      const { framing, chunks, posts } = answerOf(seed);
      const { body, trailers } = await reader.next();
      const isTrailerRight = trailers === (framing === 'trailers' ? `${TRAILER}: ${seed}\r\n` : '');
      if (!body.equals(Buffer.concat(chunks)) || !isTrailerRight) {
        seen.wrong.push(`${framing} ${seed}`);
        seeds.length = 0;
      }
      if (isCounted(seed)) seen.posts += posts;
    }
  };

  /** Reads the part of a response that has arrived, and disconnects. */
  const leave = async (seed: number): Promise<void> => {
    const socket = dial(url);
    socket.write(requestOf(seed));
    await once(socket, 'data');
    socket.destroy();
    if (isCounted(seed)) seen.leftPosts += answerOf(seed).posts;
  };

  const run = async (client: Client): Promise<void> => {
    const socket = dial(url);
    const reader = new ResponseReader(socket);
    while (seeds.length > 0) {
      if (client === 'leaving') await leave(seeds.pop()!);
      if (client === 'slow') {
        socket.pause();
        setTimeout(() => socket.resume(), 40);
      }
      await read(socket, reader, seeds.splice(client === 'ahead' ? -4 : -1));
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, at) => run(CLIENTS[at % CLIENTS.length]!)));
  return seen;
}

it(`none of ${ANSWERS} answers is changed, cut, stuck or another's`, {
  timeout: 60_000 + 20 * ANSWERS,
}, async () => {
  const { wrong, posts, leftPosts } = await see(gateway.url, ANSWERS);
  expect(wrong).toEqual([]);
  await expect.poll(() => metricOf(gateway, 'postmeter_requests_in_flight')).toBe(0);
  const counted = await metricOf(gateway, 'postmeter_posts_total');
  expect(counted).toBeGreaterThanOrEqual(posts);
  expect(counted).toBeLessThanOrEqual(posts + leftPosts);
});

it('detects memory that is reused when a response is counted, before the client has it', {
  timeout: 240_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'postmeter-mutant-'));
  for (const name of ['dist', 'drizzle', 'package.json']) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const file = join(folder, 'dist/adapters/node/http/response-body.js');
  const parts = readFileSync(file, 'utf8').split('this.#counter[how](done);');
  expect(parts).toHaveLength(2);
  writeFileSync(file, parts.join('this.#giveAllBack(this.#held); this.#counter[how](done);'));
  const mutant = await startGatewayProcess({
    upstream: origin.url,
    env: { DATABASE_URL: database.url },
    config: CONFIG,
    cli: join(folder, 'dist/entry/cli.js'),
  });
  try {
    expect((await see(mutant.url, 300)).wrong).not.toEqual([]);
  } finally {
    await mutant.stop();
    rmSync(folder, { recursive: true });
  }
});
