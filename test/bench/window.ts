/** Window adds per second compared with rate-limiter-flexible on the same Redis, and the Redis bytes of a client. */

import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { openRedisWindow } from '../../src/adapters/redis/window.ts';
import type { WindowStore } from '../../src/meter/port.ts';
import { startRedis } from '../support/services/redis.ts';
import { median } from './load.ts';
import { GATEWAY_CORE, moveTo } from './machine.ts';
import type { Options } from './proxies.ts';
import type { Row } from './report.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/**
 * Number of gateways that flush at once, and of clients of each. Both contenders have all of their adds in flight at
 * once.
 */
const gateways = Array.from({ length: 4 }, () => Array.from({ length: 250 }, () => randomUUID()));
const adds = gateways.flat().length;

export async function benchWindow({ rounds }: Options): Promise<Row[]> {
  const server = await startRedis();
  const redis = new Redis(server.url);
  try {
    const pid = /process_id:(\d+)/.exec(await redis.info('server'))?.[1];
    moveTo(GATEWAY_CORE, Number(pid)); // The load has one core, and Redis has the other.
    return [...(await addRows(server.url, redis, rounds)), ...(await byteRows(server.url, redis))];
  } finally {
    redis.disconnect();
    await server.stop();
  }
}

async function addRows(url: string, redis: Redis, rounds: number): Promise<Row[]> {
  const limiter = new RateLimiterRedis({ storeClient: redis, points: 1e9, duration: DAY_MS / 1000 });
  const limit = async () =>
    void (await Promise.all(gateways.flat().map((client) => limiter.consume(client, 20))));
  const window = openRedisWindow({ url, rebuildSettleMs: 0 });
  const epoch = await window.beginRebuild(Date.now());
  if (epoch === null) throw new Error('Another process rebuilds this Redis.');
  await window.endRebuild(epoch, new Map());
  const flushes = await Promise.all(gateways.map((clients) => flushOf(window, clients)));
  const add = async () => void (await Promise.all(flushes.map((flush) => flush())));
  const speeds: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  for (let round = 0; round <= rounds; round++) {
    const [ours, theirs] = [await speed(add), await speed(limit)];
    if (round === 0) continue; // Warm-up.
    speeds.ours.push(ours);
    speeds.theirs.push(theirs);
  }
  await window.close();
  const [ours, theirs] = [median(speeds.ours), median(speeds.theirs)];
  return [
    {
      measured: `window, ${gateways.length} gateways with ${adds} clients`,
      figure: `${ours.toFixed(0)} adds/s`,
      against: `RateLimiterRedis, ${theirs.toFixed(0)}/s`,
      ratio: ours / theirs,
      bar: { kind: 'at least', ratio: 1.5 },
    },
  ];
}

/** The next batch of a gateway's journal, with every client once. */
async function flushOf(window: WindowStore, clients: readonly string[]): Promise<() => Promise<void>> {
  const journal = randomUUID();
  await window.base(journal);
  let sequence = 0;
  return async () => {
    const nowMs = Date.now();
    const bucketMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
    const batch = clients.map((clientId) => ({
      clientId,
      windowMs: DAY_MS,
      posts: [{ bucketMs, posts: 20 }],
    }));
    await window.add(journal, ++sequence, batch, nowMs);
  };
}

/** Adds per second of wall time, measured over a second. */
async function speed(addAll: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  for (let done = 0; ; ) {
    await addAll();
    done += adds;
    const passedMs = performance.now() - begin;
    if (passedMs >= 1000) return (done / passedMs) * 1000;
  }
}

async function byteRows(url: string, redis: Redis): Promise<Row[]> {
  const light = await bytesOf(url, redis, 1);
  const full = await bytesOf(url, redis, 1440);
  return [bytesRow('posts in one minute', light, 300), bytesRow('posts in all 1,440 minutes', full, 40_000)];
}

function bytesRow(what: string, bytes: number, limit: number): Row {
  const text = `under ${limit.toLocaleString('en')} bytes`;
  const bar = { kind: bytes < limit ? 'met' : 'missed', text } as const;
  return { measured: `a client in Redis, ${what}`, figure: `${bytes.toLocaleString('en')} bytes`, bar };
}

/** MEMORY USAGE of every key with a client's window, after 650 posts in each of N minutes. */
async function bytesOf(url: string, redis: Redis, minutes: number): Promise<number> {
  const clientId = randomUUID();
  const window = openRedisWindow({ url });
  const nowMs = Date.now();
  const bucketMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const journal = randomUUID();
  await window.base(journal);
  for (let age = minutes - 1, sequence = 1; age >= 0; age--, sequence++) {
    const posts = [{ bucketMs: bucketMs - age * MINUTE_MS, posts: 650 }];
    await window.add(journal, sequence, [{ clientId, windowMs: DAY_MS, posts }], nowMs);
  }
  await window.close();
  const keys = (await redis.keys('*')).filter((key) => key.includes(clientId));
  if (keys.length === 0) throw new Error(`No key of client ${clientId} is in Redis.`);
  const sizes = await Promise.all(keys.map((key) => redis.memory('USAGE', key, 'SAMPLES', 0)));
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}
