/** A logical database of its own for a test file, on the Redis of the run. */

import { Redis } from 'ioredis';
import { inject } from 'vitest';

export interface FreshRedis {
  /** Names a logical database that nobody else uses. Channels are not part of it: name yours with `prefix`. */
  readonly url: string;
  /** Unlike any other in this run. */
  readonly prefix: string;
  /** Empties the logical database. */
  drop(): Promise<void>;
}

/** Hands out the databases 1, 2, ... of the server; database 0 holds the count. */
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
