/**
 * Decides whether a client's request is admitted, from memory alone: its tariff, its last known total and its pace.
 */

import type { Total } from '../meter/port.ts';
import type { DamagesTariff, Tariff } from '../tariff/tariff.ts';
import type { PaceResult } from './port.ts';

export type Admission =
  | { readonly kind: 'admitted' }
  | {
      readonly kind: 'refused';
      /**
       * `quota`: the window is full and the tariff refuses. `pace`: the client sends requests too fast. `unknown`:
       * the total cannot be determined now and the tariff refuses in that case.
       */
      readonly reason: 'quota' | 'pace' | 'unknown';
      readonly status?: undefined;
      /** Whole seconds, at least 1. */
      readonly retryAfterS: number;
      /** Name of the violated policy, as in `RateLimit-Policy`. */
      readonly policy: string;
    }
  | {
      readonly kind: 'refused';
      /** An operator refuses the client (`ClientPolicy`). */
      readonly reason: 'policy';
      readonly status: 403 | 429;
      readonly retryAfterS: number;
      readonly policy: string;
    };

export const ADMITTED: Admission = { kind: 'admitted' };

/** Whether a tariff can refuse a client at its threshold. */
export function canRefuse(tariff: Tariff): boolean {
  return tariff.kind === 'damages' && tariff.onThreshold === 'refuse';
}

/** Within this time a window store that is reachable again is found and, if it is small, rebuilt. */
const UNKNOWN_RETRY_S = 5;

/**
 * A tariff with `onThreshold: "refuse"` refuses at the threshold, because one more post would exceed it.
 * @param isKnown false if `total` covers only this process, because the window store has not answered for the client
 *   or is unreachable.
 */
export function admit(
  tariff: Tariff,
  total: Total,
  isKnown: boolean,
  nowMs: number,
  pace?: PaceResult,
): Admission {
  if (pace?.kind === 'exceeded') {
    return { kind: 'refused', reason: 'pace', retryAfterS: Math.max(1, pace.retryAfterS), policy: 'pace' };
  }
  if (tariff.kind !== 'damages' || tariff.onThreshold !== 'refuse') return ADMITTED;
  const policy = policyName(tariff.windowSeconds);
  if (!isKnown && tariff.whenUnknown === 'failClosed') {
    return { kind: 'refused', reason: 'unknown', retryAfterS: UNKNOWN_RETRY_S, policy };
  }
  if (total.posts < tariff.threshold) return ADMITTED;
  return { kind: 'refused', reason: 'quota', retryAfterS: secondsUntilFall(tariff, total, nowMs), policy };
}

/**
 * Whole seconds, at least 1, until the oldest bucket leaves the window. An empty window counts as its whole length.
 */
export function secondsUntilFall(tariff: DamagesTariff, total: Total, nowMs: number): number {
  if (total.oldestMs === undefined) return tariff.windowSeconds;
  const seconds = Math.ceil((total.oldestMs - nowMs) / 1000) + tariff.windowSeconds;
  return Math.min(tariff.windowSeconds, Math.max(1, seconds));
}

/** `posts-24h`, `posts-90m`, `posts-45s`: the length of the window in its largest whole unit. */
export function policyName(windowSeconds: number): string {
  if (windowSeconds % 3600 === 0) return `posts-${windowSeconds / 3600}h`;
  if (windowSeconds % 60 === 0) return `posts-${windowSeconds / 60}m`;
  return `posts-${windowSeconds}s`;
}
