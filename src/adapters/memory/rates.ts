/** Rates of single clients: one pace limiter for each rate that policies use, created on first use. */

import { LRUCache } from 'lru-cache';
import { limitOfRate } from '../../admit/policy.ts';
import type { PaceLimit, PaceLimiter, RateLimiter } from '../../admit/port.ts';
import { memoryPace } from './pace.ts';

/** Number of different rates kept. Beyond it the least recently used one starts over. */
const MAX_RATES = 1_000;

/** @param open creates the limiter of one rate; without it each process counts separately. */
export function rateLimiter(open: (limit: PaceLimit) => PaceLimiter = memoryPace): RateLimiter {
  const limiters = new LRUCache<number, PaceLimiter>({ max: MAX_RATES });
  return {
    take: (clientId, ratePerSecond, nowMs) => {
      let limiter = limiters.get(ratePerSecond);
      if (limiter === undefined) {
        limiter = open(limitOfRate(ratePerSecond));
        limiters.set(ratePerSecond, limiter);
      }
      return limiter.take(clientId, nowMs);
    },
  };
}
