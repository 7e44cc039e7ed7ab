/**
 * An operator's decision about one client, apart from its tariff: let it through, refuse it or slow it down. A policy
 * is applied before the tariff and never changes what is billed.
 */

import type { Admission } from './admit.ts';
import type { PaceLimit, PaceResult } from './port.ts';

export type ClientPolicy = {
  /** For operators; clients never see it. */
  readonly reason: string;
  /** The policy ends at this time, in epoch milliseconds. Null: it applies until it is removed. */
  readonly untilMs: number | null;
} & (
  | /** Neither the tariff nor the pace refuses the client. */ { readonly action: 'allow' }
  | /** Every request is refused with this status. */ {
      readonly action: 'refuse';
      readonly status: 403 | 429;
    }
  | /** Requests beyond the rate are refused with 429. */ {
      readonly action: 'slow';
      readonly ratePerSecond: number;
    }
);

/** Slowest rate: one request in 1,000 s. */
export const MIN_RATE_PER_SECOND = 0.001;
export const MAX_RATE_PER_SECOND = 10_000;

/** Retry-After for a client that is refused without an end, in seconds. */
const RETRY_AFTER_S = 3_600;

/** Whether the policy applies now. */
export function isInEffect(policy: ClientPolicy, nowMs: number): boolean {
  return policy.untilMs === null || nowMs < policy.untilMs;
}

/** The refusal of a client with this policy; null if the policy does not refuse the client itself. */
export function refusalByPolicy(policy: ClientPolicy, nowMs: number): Admission | null {
  if (policy.action !== 'refuse') return null;
  const seconds = policy.untilMs === null ? RETRY_AFTER_S : Math.ceil((policy.untilMs - nowMs) / 1000);
  return {
    kind: 'refused',
    reason: 'policy',
    status: policy.status,
    retryAfterS: Math.max(1, seconds),
    policy: 'operator',
  };
}

/** The refusal of a request beyond the rate of a slowing policy; null if the request is within it. */
export function refusalByRate(taken: PaceResult): Admission | null {
  if (taken.kind === 'within') return null;
  return { kind: 'refused', reason: 'pace', retryAfterS: Math.max(1, taken.retryAfterS), policy: 'rate' };
}

/** Expresses the rate as whole requests in whole seconds: 20 in 1 s, or 1 in 4 s for a rate of 0.25. */
export function limitOfRate(ratePerSecond: number): PaceLimit {
  return ratePerSecond >= 1
    ? { requests: Math.round(ratePerSecond), seconds: 1 }
    : { requests: 1, seconds: Math.round(1 / ratePerSecond) };
}
