/** The pace of each client as seen by this process alone. */

import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js';
import type { PaceLimit, PaceLimiter } from '../../admit/port.ts';
import { BackgroundPace } from './background-pace.ts';

export function memoryPace(limit: PaceLimit): PaceLimiter {
  const limiter = new RateLimiterMemory({ points: limit.requests, duration: limit.seconds });
  return new BackgroundPace({ limit, limiter });
}
