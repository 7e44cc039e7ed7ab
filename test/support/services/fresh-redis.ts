/** Reserves a logical database for one test file on the run's Redis. */

import { Redis } from 'ioredis';
import { inject } from 'vitest';

export interface FreshRedis {
  /** URL of a logical database that no other file uses. Channels are shared, so name yours with `prefix`. */
  readonly url: string;
  /** Unique in this run. */
  readonly prefix: string;
  /** Empties the logical database. */
  drop(): Promise<void>;
}

/** Hands out the databases 1, 2, ... of the server. Database 0 has the counter. */
export async function freshRedis(serverUrl = inject('redisUrl')): Promise<FreshRedis> {
  const number = await once(serverUrl, (redis) => redis.incr('test:databases'));
  const url = new URL(serverUrl);
  url.pathname = `/${number}`;
  return {
    url: url.href,
    prefix: `test${number}:`,
    drop: async () => void (await once(url.href, (redis) => redis.flushdb())),
  };
}

async function once<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}
