/** The pace of each client over all processes that share a Redis; with Redis away, each process counts for itself. */

import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import type { PaceLimit, PaceLimiter } from '../../admit/port.ts';
import { BackgroundPace } from '../memory/background-pace.ts';
import { connectRedis, disconnectRedis } from './connect.ts';

export interface RedisPaceOptions {
  /** As for `connectRedis`. */
  readonly url: string;
  readonly limit: PaceLimit;
  /** Begins every key. Default `postmeter:`. */
  readonly prefix?: string;
  readonly onError?: (error: unknown) => void;
}

export function openRedisPace(options: RedisPaceOptions): PaceLimiter {
  const { limit, prefix = 'postmeter:', onError } = options;
  const redis = connectRedis(options.url, onError ?? (() => {}));
  const limiter = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: `${prefix}pace`,
    points: limit.requests,
    duration: limit.seconds,
    // A client over its pace is held back here; Redis is not asked again before it may go on.
    inMemoryBlockOnConsumed: limit.requests,
    insuranceLimiter: new RateLimiterMemory({ points: limit.requests, duration: limit.seconds }),
    rejectIfRedisNotReady: true,
  });
  return new BackgroundPace({
    limit,
    limiter,
    ...(onError && { onError }),
    close: () => disconnectRedis(redis),
  });
}
