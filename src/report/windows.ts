/** The window length of a client's rolling total over time, as its tariff changes. */

import { DEFAULT_WINDOW_MS, type TariffVersion } from '../tariff/tariff.ts';
import { timelineOf, windowMsOf } from '../tariff/timeline.ts';

export interface WindowPeriod {
  readonly fromMs: number;
  readonly toMs: number;
  readonly windowMs: number;
}

/** Returns the periods that touch the range, in order of time. */
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
      windowMs: windowMsOf(period.tariff, bucketSeconds),
    }));
}

/** Window length in force at a moment; the default before the first tariff. */
export function windowMsAt(periods: readonly WindowPeriod[], atMs: number): number {
  return periods.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)?.windowMs ?? DEFAULT_WINDOW_MS;
}

export function longestWindowMs(periods: readonly WindowPeriod[]): number {
  return Math.max(DEFAULT_WINDOW_MS, ...periods.map(({ windowMs }) => windowMs));
}
