/** Which window a client's rolling total is taken over, as its tariff changes. */

import { type TariffVersion, USUAL_WINDOW_MS } from '../tariff/tariff.ts';
import { isDamages, timelineOf, windowMsOf } from '../tariff/timeline.ts';

export interface WindowPeriod {
  readonly fromMs: number;
  readonly toMs: number;
  readonly windowMs: number;
}

/** The periods that touch the range, in order of time. */
export function windowPeriods(
  clientId: string,
  versions: readonly TariffVersion[],
  bucketSeconds: number,
  range: { readonly fromMs: number; readonly toMs: number },
): WindowPeriod[] {
  return timelineOf(clientId, versions, bucketSeconds)
    .filter(({ fromMs, toMs }) => fromMs < range.toMs && toMs > range.fromMs)
    .map((period) => ({
      fromMs: period.fromMs,
      toMs: period.toMs,
      windowMs: isDamages(period) ? windowMsOf(period.tariff, bucketSeconds) : USUAL_WINDOW_MS,
    }));
}

/** The window that holds at a moment; before any tariff, the usual one. */
export function windowMsAt(periods: readonly WindowPeriod[], atMs: number): number {
  return periods.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)?.windowMs ?? USUAL_WINDOW_MS;
}

export function longestWindowMs(periods: readonly WindowPeriod[]): number {
  return Math.max(USUAL_WINDOW_MS, ...periods.map(({ windowMs }) => windowMs));
}
