/** What admitting needs from outside: the pace of each client, known without waiting. */

export type PaceResult =
  | { readonly kind: 'within' }
  | { readonly kind: 'exceeded'; readonly retryAfterS: number; readonly limit: PaceLimit };

/** At most so many requests of one client in so many seconds. */
export interface PaceLimit {
  readonly requests: number;
  readonly seconds: number;
}

/** Limits clients to rates of their own, as their policies say. */
export interface RateLimiter {
  /** As `PaceLimiter.take`, by requests per second. */
  take(clientId: string, ratePerSecond: number, nowMs: number): PaceResult;
}

export interface PaceLimiter {
  /**
   * Takes one request of a client. Answers at once from what is known; the count goes out in the background, and
   * what it brings back holds for the next request. So the slack is the requests that one client has under way
   * before the answer to the last allowed one is here: about its rate times one round trip to the store.
   */
  take(clientId: string, nowMs: number): PaceResult;
  close(): Promise<void>;
}
