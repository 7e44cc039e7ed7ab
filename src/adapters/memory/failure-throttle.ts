/**
 * Failed log-ins per peer, counted in this process. The administration is a single small listener, so nothing is
 * shared.
 */

import { LRUCache } from 'lru-cache';
import type { FailureThrottle } from '../../admin/port.ts';
import { callerId, DEFAULT_PREFIXES, parseAddress } from '../../identify/address.ts';

export interface FailureThrottleOptions {
  /** Failures allowed to a peer within `seconds`. Default 10. */
  readonly failures?: number;
  /** Period from the first failure. Default 60. */
  readonly seconds?: number;
  /** Peers remembered. Beyond it the least recently seen is forgotten. Default 10,000, some 2 MB. */
  readonly maxPeers?: number;
}

/** A peer is an IPv4 address or the /56 of an IPv6 address, because one customer has all addresses of a /56. */
export function memoryFailureThrottle(options: FailureThrottleOptions = {}): FailureThrottle {
  const failures = options.failures ?? 10;
  // The period starts with the first failure, which creates the entry; further failures do not extend it.
  const failed = new LRUCache<string, { count: number }>({
    max: options.maxPeers ?? 10_000,
    ttl: (options.seconds ?? 60) * 1000,
    ttlResolution: 0,
  });
  const leftSeconds = (peer: string) => Math.max(1, Math.ceil(failed.getRemainingTTL(peer) / 1000));

  return {
    async blockedSeconds(address) {
      const peer = networkOf(address);
      return (failed.get(peer)?.count ?? 0) < failures ? 0 : leftSeconds(peer);
    },
    async failed(address) {
      const peer = networkOf(address);
      const known = failed.get(peer);
      if (known === undefined) failed.set(peer, { count: 1 });
      else if (known.count >= failures) return leftSeconds(peer);
      else known.count++;
      return 0;
    },
  };
}

function networkOf(address: string): string {
  const parsed = parseAddress(address);
  return parsed === null ? address : callerId(parsed, DEFAULT_PREFIXES);
}
