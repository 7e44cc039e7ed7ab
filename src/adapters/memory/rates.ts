/** Rates of single clients: one pace limiter for each rate that policies use, made when it is first needed. */

import { LRUCache } from 'lru-cache';
import { limitOfRate } from '../../admit/policy.ts';
import type { PaceLimit, PaceLimiter, RateLimiter } from '../../admit/port.ts';
import { memoryPace } from './pace.ts';

/** Different rates at one moment; beyond it the one that was used least recently starts again. */
const MAX_RATES = 1_000;

/** @param open makes the limiter of one rate; without it each process counts for itself. */
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
