/**
 * How long usage may wait for more of it before the window store gets it. It is in the journal meanwhile, and the
 * process that metered it counts it at once: only other processes learn of it later.
 */

/** Longest wait of usage whose client is far from its limit, in milliseconds. */
export const GATHER_MS = 50;

/** From this share of its limit on a client is near it. */
const NEAR = 0.9;
/**
 * A client may take so many times what it has taken since the last shipment while the next one gathers: in several
 * processes, or faster than before.
 */
const REACH = 16;

/** Where a client stands as its process knows. */
export interface Standing {
  /** In the window, with what has not been shipped. */
  readonly posts: number;
  /** Posts at which it is refused; Infinity if it never is. */
  readonly limit: number;
  /** Posts that the window store does not have yet. */
  readonly unshipped: number;
  /** Whether the window store has answered for the client. */
  readonly isKnown: boolean;
}

/** Milliseconds, 0 or `GATHER_MS`. */
export function gatherMs({ posts, limit, unshipped, isKnown }: Standing): number {
  if (limit === Number.POSITIVE_INFINITY) return GATHER_MS;
  const isFar = isKnown && posts < NEAR * limit && posts + REACH * unshipped < limit;
  return isFar ? GATHER_MS : 0;
}
