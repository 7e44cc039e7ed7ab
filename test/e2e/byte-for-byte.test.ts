/** A body reaches the client byte for byte, however it arrives: framing, chunk sizes, packets and pauses at random. */

import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../services/fresh-database.ts';
import { metricOf } from './accounts.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts';
import { dial, ResponseReader } from './response-reader.ts';

let origin: Awaited<ReturnType<typeof startRandomOrigin>>;
let database: FreshDatabase;
let gateway: GatewayProcess;

beforeAll(async () => {
  origin = await startRandomOrigin();
  database = await freshDatabase('byte_for_byte');
  gateway = await startGatewayProcess({
    upstream: origin.url,
    env: { DATABASE_URL: database.url },
    config: { routes: [{ path: '/counted/**', posts: [{ json: '$.data[*]' }] }] },
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
  readonly chunks: readonly Buffer[];
  readonly hasPauses: boolean;
}

/** The answer that belongs to a seed. Every byte depends on the seed, so that no other answer is like it. */
function answerOf(seed: number): Sent {
  const random = randomFrom(seed);
  const framing = (['length', 'chunked', 'trailers', 'close'] as const)[random(4)]!;
  const largest = [8, 300, 3_000, 30_000][random(4)]!;
  const chunks = Array.from({ length: random(30) }, (_, at) => {
    const mark = `<${seed}.${at}>`;
    return Buffer.alloc(1 + random(largest), mark);
  });
  return { framing, chunks, hasPauses: random(3) === 0 };
}

const TRAILER = 'X-Checksum';

async function startRandomOrigin() {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    let head = '';
    socket.on('data', async (chunk) => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      const seed = Number(/\/(\d+) HTTP/.exec(head)![1]);
      head = '';
      await send(socket, seed);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Writes the answer in packets of 1 to 20 chunks each. */
async function send(socket: Socket, seed: number): Promise<void> {
  const { framing, chunks, hasPauses } = answerOf(seed);
  const random = randomFrom(seed + 1);
  const isChunked = framing === 'chunked' || framing === 'trailers';
  const length = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const fields = {
    length: `Content-Length: ${length}`,
    chunked: 'Transfer-Encoding: chunked',
    trailers: `Transfer-Encoding: chunked\r\nTrailer: ${TRAILER}`,
    close: 'Connection: close',
  }[framing];
  const pieces: Buffer[] = [
    Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${fields}\r\n\r\n`),
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

const SEEDS = 1_200;
const CONNECTIONS = 40;

it(`none of ${SEEDS} answers is changed, cut or stuck, with slow and fast readers mixed`, async () => {
  const seeds = Array.from({ length: SEEDS }, (_, seed) => seed);
  const wrong: string[] = [];
  const read = async (connection: number): Promise<void> => {
    const socket = dial(gateway.url);
    const reader = new ResponseReader(socket);
    for (let seed = seeds.pop(); seed !== undefined; seed = seeds.pop()) {
      const path = seed % 2 === 0 ? '/counted' : '/plain';
      socket.write(`GET ${path}/${seed} HTTP/1.1\r\nHost: a\r\n\r\n`);
      if (connection % 4 === 0) {
        socket.pause();
        setTimeout(() => socket.resume(), 40);
      }
      const { framing, chunks } = answerOf(seed);
      const answer = await reader.next();
      const isTrailerRight = answer.trailers === (framing === 'trailers' ? `${TRAILER}: ${seed}\r\n` : '');
      if (!answer.body.equals(Buffer.concat(chunks)) || !isTrailerRight) wrong.push(`${framing} ${seed}`);
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, connection) => read(connection)));
  expect(wrong).toEqual([]);
  expect(await metricOf(gateway, 'postmeter_requests_in_flight')).toBe(0);
});
