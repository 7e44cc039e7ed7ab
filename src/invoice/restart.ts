/**
 * From where billing computes a client anew, so that the cost follows what changed and not the client's whole past.
 *
 * A change from bucket d on alters windows that end at d or later, so stretches from d - window on. From there we go
 * back over every known breach whose stretch reaches the point, to the start of that stretch. Why that is enough:
 * when no stretch lies across the point p, no violating window does. So every stretch computed from the usage since p
 * is whole and touches no earlier one; and the excess limiter refused nothing in the first window after p, since a
 * refused post lies in a violating window, so it begins there with the true count. Breaches that are not closed are
 * always computed anew: their state changes by time. A licence is computed from the start of its calendar month.
 */

import { monthOf } from '../tariff/licence.ts';
import { isDamages, isLicence, type Period, windowMsOf } from '../tariff/timeline.ts';
import type { Breach } from './model.ts';

/** The first point to try, from the earliest bucket that changed; Infinity where none did. */
export function firstRestart(
  dirtyFromMs: number | null,
  periods: readonly Period[],
  bucketSeconds: number,
): number {
  if (dirtyFromMs === null) return Number.POSITIVE_INFINITY;
  const windows = periods.filter(isDamages).map((period) => windowMsOf(period.tariff, bucketSeconds));
  return dirtyFromMs - windows.reduce((longest, windowMs) => Math.max(longest, windowMs), 0);
}

/**
 * The point, or an earlier one where a breach of `reaching` or a month under a licence lies across it. To be asked
 * again with the breaches that reach the answer, until it stays.
 */
export function restartBefore(
  fromMs: number,
  reaching: readonly Breach[],
  periods: readonly Period[],
): number {
  const earliest = reaching.reduce((min, breach) => Math.min(min, breach.stretchFromMs), fromMs);
  if (earliest === Number.POSITIVE_INFINITY) return earliest;
  const monthMs = monthOf(earliest);
  const licensed = periods.some((period) => isLicence(period) && period.toMs > monthMs);
  return licensed ? monthMs : earliest;
}
