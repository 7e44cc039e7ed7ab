/** A pace limiter that never delays a request: it queries a rate limiter in the background and keeps its verdict. */

import { LRUCache } from 'lru-cache';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import RateLimiterRes from 'rate-limiter-flexible/lib/RateLimiterRes.js';
import type { PaceLimit, PaceLimiter, PaceResult } from '../../admit/port.ts';

export interface BackgroundPaceOptions {
  readonly limit: PaceLimit;
  readonly limiter: Pick<RateLimiterAbstract, 'consume'>;
  readonly onError?: (error: unknown) => void;
  readonly close?: () => Promise<void>;
}

/** Maximum number of blocked clients. Beyond it, the one blocked first is released. */
const MAX_BLOCKED = 100_000;
const within: PaceResult = { kind: 'within' };

export class BackgroundPace implements PaceLimiter {
  readonly #options: BackgroundPaceOptions;
  /** Client -> end of its block, in epoch milliseconds. */
  readonly #blocked = new LRUCache<string, number>({ max: MAX_BLOCKED });

  constructor(options: BackgroundPaceOptions) {
    this.#options = options;
  }

  take(clientId: string, nowMs: number): PaceResult {
    const untilMs = this.#blocked.get(clientId);
    if (untilMs !== undefined) {
      if (untilMs > nowMs) {
        const retryAfterS = Math.ceil((untilMs - nowMs) / 1000);
        return { kind: 'exceeded', retryAfterS, limit: this.#options.limit };
      }
      this.#blocked.delete(clientId);
    }
    this.#consume(clientId, nowMs);
    return within;
  }

  async close(): Promise<void> {
    await this.#options.close?.();
  }

  #consume(clientId: string, nowMs: number): void {
    const block = (verdict: RateLimiterRes) => this.#blocked.set(clientId, nowMs + verdict.msBeforeNext);
    this.#options.limiter.consume(clientId).then(
      (verdict) => {
        // This request was the last allowed one.
        if (verdict.remainingPoints <= 0) block(verdict);
      },
      (verdict: unknown) => {
        if (verdict instanceof RateLimiterRes) block(verdict);
        else this.#options.onError?.(verdict);
      },
    );
  }
}
