import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRedisWindow } from '../../../src/adapters/redis/window.ts';
import type { WindowStore } from '../../../src/meter/port.ts';
import { sharedWindowContract, windowStoreContract } from '../../meter/window-store.contract.ts';
import { freshRedis } from '../../support/services/fresh-redis.ts';
import { startRedis, type TestRedis } from '../../support/services/redis.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

function openTwo(url: string, prefix: string, dispose: () => Promise<void>) {
  const settings = { url, prefix, rebuildSettleMs: 0 };
  const [store, another] = [openRedisWindow(settings), openRedisWindow(settings)];
  const close = async () => {
    await Promise.all([store.close(), another.close()]);
    await dispose();
  };
  return { store, another, close };
}

async function openOnServer() {
  const { url, prefix, drop } = await freshRedis();
  return openTwo(url, prefix, drop);
}

describe('one server', () => {
  windowStoreContract(openOnServer);
  describe('shared', () => sharedWindowContract(openOnServer));
});

describe('a Cluster', () => {
  let cluster: TestRedis;
  beforeAll(async () => {
    cluster = await startRedis({ cluster: true });
  });
  afterAll(() => cluster.stop());
  const openOnCluster = async () =>
    openTwo(cluster.url.replace('redis:', 'redis+cluster:'), `${randomUUID()}:`, async () => {});
  windowStoreContract(openOnCluster);
  describe('shared', () => sharedWindowContract(openOnCluster));
});

describe('the data in Redis', () => {
  let redis: Redis;
  let url: string;
  let store: WindowStore;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const fresh = await freshRedis();
    ({ url, drop } = fresh);
    redis = new Redis(url);
    store = openRedisWindow({ url, prefix: 'postmeter:', rebuildSettleMs: 0 });
    await store.base('any');
    const epoch = await store.beginRebuild(Date.now());
    await store.endRebuild(epoch!, new Map());
  });
  afterAll(async () => {
    await store.close();
    redis.disconnect();
    await drop();
  });

  async function bytesOf(clientId: string): Promise<number> {
    const keys = (await redis.keys('*')).filter((key) => key.includes(clientId));
    expect(keys.length).toBeGreaterThan(0);
    const sizes = await Promise.all(keys.map((key) => redis.memory('USAGE', key, 'SAMPLES', 0)));
    return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  }

  it('takes under 300 bytes for a light client and under 40 KB for a full one', async () => {
    const nowMs = Date.now();
    const bucketMs = nowMs - (nowMs % MINUTE_MS);
    const journalId = randomUUID();
    const light: string = 'ip:203.0.113.200';
    const full: string = randomUUID();
    for (let minute = 1439; minute >= 0; minute -= 1) {
      const posts = [{ bucketMs: bucketMs - minute * MINUTE_MS, posts: 650 + minute }];
      const adds = [{ clientId: full, windowMs: DAY_MS, posts }];
      if (minute < 3) adds.push({ clientId: light, windowMs: DAY_MS, posts });
      await store.add(journalId, 1440 - minute, adds, nowMs);
    }
    expect(await bytesOf(light)).toBeLessThan(300);
    expect(await bytesOf(full)).toBeLessThan(40_000);
  });

  it('expires with the window of the newest bucket', async () => {
    const nowMs = Date.now();
    const clientId = randomUUID();
    const posts = [{ bucketMs: nowMs - (nowMs % MINUTE_MS), posts: 1 }];
    await store.add(randomUUID(), 1, [{ clientId, windowMs: DAY_MS, posts }], nowMs);
    const [key] = (await redis.keys('*')).filter((name) => name.includes(clientId));
    const ttlS = await redis.ttl(key!);
    expect(ttlS).toBeGreaterThan(DAY_MS / 1000);
    expect(ttlS).toBeLessThan(DAY_MS / 1000 + 2 * 3600);
  });

  it('shows that it was flushed, and that it was restored to an older state', async () => {
    const nowMs = Date.now();
    const journalId = randomUUID();
    const posts = [{ bucketMs: nowMs - (nowMs % MINUTE_MS), posts: 1 }];
    const adds = [{ clientId: randomUUID(), windowMs: DAY_MS, posts }];
    await store.add(journalId, 5, adds, nowMs);
    const [base] = await redis.keys('*base*');
    const fields = Object.keys(await redis.hgetall(base!)).filter((name) => name.startsWith('journal '));
    await redis.hset(base!, Object.fromEntries(fields.map((name) => [name, 2])));
    await expect(store.add(journalId, 6, adds, nowMs)).rejects.toMatchObject({ code: 'window_lost' });
    expect((await store.base(journalId))!.lastSequence).toBe(2);
    await redis.flushdb();
    await expect(store.add(journalId, 7, adds, nowMs)).rejects.toMatchObject({ code: 'window_lost' });
    await expect(store.totals([{ clientId: 'a', windowMs: DAY_MS }], nowMs)).rejects.toMatchObject({
      code: 'window_lost',
    });
    expect(await store.base(journalId)).toBeNull();
  });
});

it('a call fails fast with the reason while there is no server', async () => {
  const server = await startRedis();
  const store = openRedisWindow({ url: server.url, rebuildSettleMs: 0 });
  expect(await store.base('journal')).toBeNull();
  await server.stop();
  await expect.poll(() => store.base('journal').catch((error) => error.code)).toBe('window_away');
  await store.close();
});
