/** Reads what `postmeter doctor` judges about Redis. Changes nothing. */

import { Cluster, type Redis } from 'ioredis';
import type { RedisFacts } from '../../doctor/facts.ts';
import { connectRedis } from './connect.ts';
import { fieldsOf, mayEvict } from './servers.ts';

const READY_MS = 5_000;
const ROUND_TRIPS = 5;

/** `now` returns milliseconds. Rejects if no server is ready within 5 s. */
export async function readRedisFacts(url: string, now: () => number): Promise<RedisFacts> {
  let last: Error | undefined;
  const redis = connectRedis(url, (error) => {
    last = error;
  });
  try {
    await new Promise<void>((resolve, reject) => {
      const failed = () => reject(last ?? new Error(`Redis was not ready within ${READY_MS / 1000} s`));
      const timer = setTimeout(failed, READY_MS);
      redis.once('ready', () => {
        clearTimeout(timer);
        resolve();
      });
    });
    const primaries: readonly Redis[] = redis instanceof Cluster ? redis.nodes('master') : [redis];
    const infos = (await Promise.all(primaries.map((primary) => primary.info()))).map(fieldsOf);
    const tookMs: number[] = [];
    for (let trip = 0; trip < ROUND_TRIPS; trip++) {
      const fromMs = now();
      await Promise.all(primaries.map((primary) => primary.ping()));
      tookMs.push(now() - fromMs);
    }
    return {
      version: infos[0]?.get('redis_version') ?? '',
      mayEvict: infos.some(mayEvict),
      roundTripMs: Math.min(...tookMs),
    };
  } finally {
    redis.disconnect();
  }
}
