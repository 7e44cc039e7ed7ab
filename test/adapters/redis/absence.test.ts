import { afterEach, describe, expect, it, vi } from 'vitest';
import { type RedisAddress, startRedisAddress } from './redis-address.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';
import { clients, prefix, Site } from './site.ts';

vi.setConfig({ testTimeout: 120_000 });

const toStop: Array<{ stop(): Promise<void> }> = [];
afterEach(async () => {
  for (const one of toStop.splice(0).reverse()) await one.stop();
});

async function start(settings: Record<string, string | number> = {}): Promise<RedisServer> {
  const server = await startRedisServer(settings);
  toStop.push(server);
  return server;
}

async function startAddress(port: number | null): Promise<RedisAddress> {
  const address = await startRedisAddress(port);
  toStop.push(address);
  return address;
}

async function startSite(url: string): Promise<Site> {
  const site = new Site(url);
  toStop.push(site);
  await site.until(false);
  return site;
}

describe('forwarding continues, and totals are exact afterwards, with', () => {
  it('a Redis that is killed, and comes back empty', async () => {
    const redis = await start();
    const site = await startSite(redis.url);
    await redis.crash();
    await site.until(true);
    site.expectForwarding();
    await redis.revive();
    await site.expectExact();
  });

  it('a Redis that hangs', async () => {
    const redis = await start();
    const site = await startSite(redis.url);
    redis.hang();
    await site.until(true);
    site.expectForwarding();
    expect(site.said).toMatch(/timed out|Socket timeout/);
    redis.goOn();
    await site.expectExact();
  });

  it('a Redis that is flushed', async () => {
    const redis = await start();
    const site = await startSite(redis.url);
    await redis.call('FLUSHALL');
    await site.until(true);
    site.expectForwarding();
    await site.expectExact();
  });

  it('a Redis that restarts with an older copy of its data', async () => {
    const redis = await start();
    const site = await startSite(redis.url);
    await redis.call('SAVE');
    const keys = () => redis.call('EXISTS', ...clients.map((client) => `${prefix}{${client}}`));
    await expect.poll(keys).toBe(clients.length);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await redis.crash();
    await site.until(true);
    await redis.revive();
    await site.expectExact();
  });

  it('a replica that took over without the last writes', async () => {
    const [primary, replica] = [await start(), await start()];
    const address = await startAddress(primary.port);
    const site = await startSite(address.url);
    await replica.call('REPLICAOF', '127.0.0.1', primary.port);
    const replication = () => replica.call('INFO', 'replication');
    await expect.poll(replication, { timeout: 20_000 }).toContain('master_link_status:up');
    // From here on the replica receives nothing, and lacks what is added before the primary ends.
    await replica.call('REPLICAOF', 'NO', 'ONE');
    await new Promise((resolve) => setTimeout(resolve, 500));
    address.leadTo(replica.port);
    await primary.crash();
    await site.until(true);
    site.expectForwarding();
    await site.expectExact();
  });

  it('a network that silently loses everything for a while', async () => {
    const redis = await start();
    const address = await startAddress(redis.port);
    const site = await startSite(address.url);
    address.cut();
    await site.until(true);
    site.expectForwarding();
    await site.expectExact();
  });

  it('a primary that became a replica, until it is promoted', async () => {
    const [redis, other] = [await start(), await start()];
    const site = await startSite(redis.url);
    await redis.call('REPLICAOF', '127.0.0.1', other.port);
    await site.until(true);
    site.expectForwarding();
    expect(site.said).toMatch(/READONLY|lost or replaced|another Redis process/);
    await redis.call('REPLICAOF', 'NO', 'ONE');
    await site.expectExact();
  });

  it('a Redis whose disk takes no snapshot (MISCONF)', async () => {
    const redis = await start({ save: '3600 1' });
    const site = await startSite(redis.url);
    await redis.breakSaving();
    await site.until(true);
    site.expectForwarding();
    expect(site.said).toContain('MISCONF');
    await redis.call('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'no');
    await site.expectExact();
  });

  it('a Redis that refuses writes because its memory is full (OOM)', async () => {
    const redis = await start({ 'maxmemory-policy': 'noeviction' });
    const site = await startSite(redis.url);
    await redis.call('CONFIG', 'SET', 'maxmemory', 1);
    await site.until(true);
    site.expectForwarding();
    expect(site.said).toContain('OOM');
    await redis.call('CONFIG', 'SET', 'maxmemory', 0);
    await site.expectExact();
  });

  it('a Redis that evicts because its memory is full: reported, and rebuilt after it stops', async () => {
    const redis = await start({ maxmemory: '1gb', 'maxmemory-policy': 'allkeys-lru' });
    const site = await startSite(redis.url);
    expect(site.said).toContain('set maxmemory-policy noeviction');
    // Nothing else shows that a client's key is missing.
    await evictSome(redis, `${prefix}{alpha}`);
    await site.until(true);
    site.expectForwarding();
    expect(site.said).toContain('Redis has evicted keys');
    await site.expectExact();
  });
});

describe('connection attempts stay rare', () => {
  /**
   * Each process has two connections, one for commands and one for notifications. Each doubles its pause up to 2 s,
   * and halves it at random.
   */
  const mostIn = (seconds: number) => 2 * 2 * (8 + seconds);

  it.each(['that breaks off each connection', 'that takes no writes (READONLY)'])(
    'to a Redis %s',
    async (kind) => {
      const [redis, primary] = [await start(), await start()];
      if (kind.includes('READONLY')) await redis.call('REPLICAOF', '127.0.0.1', primary.port);
      const address = await startAddress(kind.includes('READONLY') ? redis.port : null);
      toStop.push(new Site(address.url));
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      expect(address.attempts()).toBeGreaterThan(4);
      expect(address.attempts()).toBeLessThan(mostIn(6));
    },
  );
});

/** Makes Redis evict the least recently used keys, including `key`. */
async function evictSome(redis: RedisServer, key: string): Promise<void> {
  for (let other = 0; other < 50; other += 1) await redis.call('SET', `other:${other}`, 'x'.repeat(10_000));
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const used = Number(/used_memory:(\d+)/.exec(String(await redis.call('INFO', 'memory')))![1]);
  await redis.call('DEL', key);
  await redis.call('CONFIG', 'SET', 'maxmemory', used - 50_000);
  const stats = async () => String(await redis.call('INFO', 'stats'));
  await expect.poll(stats, { timeout: 10_000 }).toMatch(/evicted_keys:[1-9]/);
  await redis.call('CONFIG', 'SET', 'maxmemory', '1gb');
}
