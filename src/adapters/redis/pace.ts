/**
 * The pace of each client over all processes that share a Redis. If Redis is down, each process counts separately.
 */

import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import type { PaceLimit, PaceLimiter, RateLimiter } from '../../admit/port.ts';
import { BackgroundPace } from '../memory/background-pace.ts';
import { rateLimiter } from '../memory/rates.ts';
import { connectRedis, disconnectRedis, type RedisConnection } from './connect.ts';

interface RedisOptions {
  /** See `connectRedis`. */
  readonly url: string;
  /** Prefix of every key. Default `postmeter:`. */
  readonly prefix?: string;
  readonly onError?: (error: unknown) => void;
}

export interface RedisPaceOptions extends RedisOptions {
  readonly limit: PaceLimit;
}

export function openRedisPace(options: RedisPaceOptions): PaceLimiter {
  const { limit, prefix = 'postmeter:', onError } = options;
  const redis = connectRedis(options.url, onError ?? (() => {}));
  return paceOn(redis, `${prefix}pace`, limit, onError, () => disconnectRedis(redis));
}

/** Rates of single clients, all on one connection. */
export function openRedisRates(options: RedisOptions): RateLimiter & { close(): Promise<void> } {
  const { prefix = 'postmeter:', onError } = options;
  const redis = connectRedis(options.url, onError ?? (() => {}));
  const limiter = rateLimiter((limit) =>
    paceOn(redis, `${prefix}rate:${limit.requests}/${limit.seconds}`, limit, onError),
  );
  return { ...limiter, close: () => disconnectRedis(redis) };
}

function paceOn(
  redis: RedisConnection,
  keyPrefix: string,
  limit: PaceLimit,
  onError?: (error: unknown) => void,
  close?: () => Promise<void>,
): PaceLimiter {
  const limiter = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix,
    points: limit.requests,
    duration: limit.seconds,
    // A client over its pace is blocked here; Redis is not queried until the block ends.
    inMemoryBlockOnConsumed: limit.requests,
    insuranceLimiter: new RateLimiterMemory({ points: limit.requests, duration: limit.seconds }),
    rejectIfRedisNotReady: true,
  });
  return new BackgroundPace({ limit, limiter, ...(onError && { onError }), ...(close && { close }) });
}
