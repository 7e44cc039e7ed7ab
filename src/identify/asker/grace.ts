/** The grace of addresses that claim a search crawler: they are served as one while their check is pending. */

import { LRUCache } from 'lru-cache';
import type { GraceSettings } from './settings.ts';

interface Grace {
  readonly sinceMs: number;
  requests: number;
}

/** Addresses remembered. An address that is evicted, or returns after a day, has its grace again. */
const MAX_ADDRESSES = 10_000;
const FORGOTTEN_MS = 86_400_000;

/** Creates the function that takes one request of the grace of an address; it returns false once the grace is over. */
export function graceOf({ requests, seconds }: GraceSettings): (address: string, nowMs: number) => boolean {
  const known = new LRUCache<string, Grace>({ max: MAX_ADDRESSES });
  return (address, nowMs) => {
    let grace = known.get(address);
    if (grace === undefined || Math.abs(nowMs - grace.sinceMs) >= FORGOTTEN_MS) {
      grace = { sinceMs: nowMs, requests: 0 };
      known.set(address, grace);
    }
    if (grace.requests >= requests || nowMs - grace.sinceMs >= seconds * 1000) return false;
    grace.requests++;
    return true;
  };
}
