/** A private Redis without persistence, optionally as a Cluster of one node that has all slots. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';
import { type Service, startService } from './service.ts';

export interface TestRedis extends Service {
  readonly url: string;
}

/** Enough for one database per test file. */
const DATABASES = 10_000;

export function hasRedis(): boolean {
  return spawnSync('redis-server', ['--version']).status === 0;
}

/** Starts a server on a free port. Throws if `redis-server` is missing. */
export async function startRedis(options: { readonly cluster?: boolean } = {}): Promise<TestRedis> {
  if (!hasRedis()) throw new Error('redis-server 7 or later is not on PATH (Debian: redis-server).');
  const cluster = options.cluster ?? false;
  const folder = mkdtempSync(join(tmpdir(), 'postmeter-redis-'));
  const port = await freePort();
  const settings = {
    bind: '127.0.0.1',
    port,
    dir: folder,
    save: '',
    appendonly: 'no',
    ...(cluster
      ? { 'cluster-enabled': 'yes', 'cluster-port': await freePort(), 'cluster-announce-ip': '127.0.0.1' }
      : { databases: DATABASES }),
  };
  const url = `redis://127.0.0.1:${port}`;
  const service = await startService({
    name: 'Redis',
    command: 'redis-server',
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
    folder,
    answers: () => withRedis(url, cluster ? claimSlots : async (redis) => void (await redis.ping())),
  });
  return { ...service, url };
}

async function withRedis(url: string, use: (redis: Redis) => Promise<void>): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  redis.on('error', () => {}); // The rejected `connect` reports the same error.
  try {
    await redis.connect();
    await use(redis);
  } finally {
    redis.disconnect();
  }
}

async function claimSlots(redis: Redis): Promise<void> {
  const info = String(await redis.call('CLUSTER', 'INFO'));
  if (info.includes('cluster_state:ok')) return;
  if (info.includes('cluster_slots_assigned:0')) await redis.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16383);
  throw new Error('the cluster is not ready yet');
}
