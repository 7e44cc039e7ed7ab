/**
 * Decides how long usage is gathered before it is sent to the window store. It is already in the journal, and the
 * process that metered it counts it immediately; only other processes see it later.
 */

/** Gathering time for clients far from their limit, in milliseconds. */
export const GATHER_MS = 50;

/** A client above this share of its limit is near it. */
const NEAR = 0.9;
/**
 * While a shipment gathers, a client may take up to this many times its usage since the last shipment, because it
 * uses several processes or becomes faster.
 */
const REACH = 16;

/** A client's usage as known to this process. */
export interface ClientStanding {
  /** Posts in the window, including unshipped ones. */
  readonly posts: number;
  /** Number of posts at which the client is refused; Infinity if it never is. */
  readonly limit: number;
  /** Posts not yet in the window store. */
  readonly unshipped: number;
  /** True once the window store has responded for the client. */
  readonly isKnown: boolean;
}

/** Returns the gathering time in milliseconds, 0 or `GATHER_MS`. */
export function gatherMs({ posts, limit, unshipped, isKnown }: ClientStanding): number {
  if (limit === Number.POSITIVE_INFINITY) return GATHER_MS;
  const isFar = isKnown && posts < NEAR * limit && posts + REACH * unshipped < limit;
  return isFar ? GATHER_MS : 0;
}
