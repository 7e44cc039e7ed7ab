/** A private Redis with the test's settings and faults. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../support/services/free-port.ts';
import { type Service, startService } from '../../support/services/service.ts';

export interface RedisServer extends Service {
  readonly port: number;
  readonly url: string;
  /** Runs one command on its own connection. */
  call(name: string, ...args: Array<string | number>): Promise<unknown>;
  /** The server stays connected and answers no command. */
  hang(): void;
  /** Removes the snapshot folder, so that the next snapshot fails. */
  breakSaving(): Promise<void>;
  goOn(): void;
}

export async function startRedisServer(settings: Record<string, string | number> = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'postmeter-redis-'));
  const dir = join(folder, 'data');
  mkdirSync(dir);
  const port = await freePort();
  const all = {
    bind: '127.0.0.1',
    port,
    dir,
    save: '',
    appendonly: 'no',
    'repl-diskless-sync-delay': 0,
    ...settings,
  };
  const call = (name: string, ...args: Array<string | number>) =>
    withRedis(port, (redis) => redis.call(name, ...args));
  const service = await startService({
    name: 'Redis',
    command: 'redis-server',
    args: Object.entries(all).flatMap(([name, value]) => [`--${name}`, String(value)]),
    folder,
    answers: async () => void (await call('PING')),
  });
  return {
    ...service,
    stop: async () => {
      // The server does not stop if its last snapshot fails.
      await call('CONFIG', 'SET', 'save', '').catch(() => {});
      await service.stop();
    },
    port,
    url: `redis://127.0.0.1:${port}`,
    call,
    breakSaving: async () => {
      rmSync(dir, { recursive: true });
      await call('BGSAVE');
      while (!String(await call('INFO', 'persistence')).includes('rdb_last_bgsave_status:err'));
    },
    hang: () => void process.kill(service.pid(), 'SIGSTOP'),
    goOn: () => void process.kill(service.pid(), 'SIGCONT'),
  };
}

async function withRedis<T>(port: number, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(port, '127.0.0.1', {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  redis.on('error', () => {}); // The rejected `connect` reports the same error.
  try {
    await redis.connect();
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}
