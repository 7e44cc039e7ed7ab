/** What admission needs from outside: the pace of each client, known without waiting. */

export type PaceResult =
  | { readonly kind: 'within' }
  | { readonly kind: 'exceeded'; readonly retryAfterS: number; readonly limit: PaceLimit };

/** Allows a client at most `requests` requests in `seconds` seconds. */
export interface PaceLimit {
  readonly requests: number;
  readonly seconds: number;
}

/** Limits clients to individual rates, as their policies specify. */
export interface RateLimiter {
  /** Like `PaceLimiter.take`, at a rate in requests per second. */
  take(clientId: string, ratePerSecond: number, nowMs: number): PaceResult;
}

export interface PaceLimiter {
  /**
   * Takes one request of a client and returns immediately. The store is updated in the background, and its response
   * applies to the next request. A client can therefore exceed its limit by the requests it starts within one round
   * trip to the store: about its rate times that round trip.
   */
  take(clientId: string, nowMs: number): PaceResult;
  close(): Promise<void>;
}
