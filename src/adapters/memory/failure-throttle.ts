/** Failed log-ins per peer, counted in this process. Administration is one small listener; nothing is shared. */

import ipaddr from 'ipaddr.js';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { FailureThrottle } from '../../admin/port.ts';

export interface FailureThrottleOptions {
  /** Failures that a peer may have in `seconds`. Default 10. */
  readonly failures?: number;
  /** Default 60. */
  readonly seconds?: number;
}

/** A peer is an IPv4 address or the /64 of an IPv6 one: whoever has one address of that has all of them. */
export function memoryFailureThrottle(options: FailureThrottleOptions = {}): FailureThrottle {
  const failures = options.failures ?? 10;
  const limiter = new RateLimiterMemory({ points: failures, duration: options.seconds ?? 60 });
  return {
    async blockedSeconds(peer) {
      const state = await limiter.get(networkOf(peer));
      if (state === null || state.consumedPoints < failures) return 0;
      return Math.max(1, Math.ceil(state.msBeforeNext / 1000));
    },
    async failed(peer) {
      try {
        await limiter.consume(networkOf(peer));
      } catch (refusal) {
        // The limiter's way to say that the points are used up, which `blockedSeconds` reports.
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
      }
    },
  };
}

function networkOf(peer: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(peer)?.[1];
  if (mapped !== undefined) return mapped;
  if (!ipaddr.IPv6.isValid(peer)) return peer;
  return ipaddr.IPv6.parse(peer).parts.slice(0, 4).join(':');
}
