/**
 * The point from which billing recomputes a client, so that the cost depends on what changed and not on the
 * client's whole past.
 *
 * A change from bucket d on alters windows that end at d or later, and so stretches from d - window on. From there
 * we go back to the start of every known breach whose stretch crosses the point. This is enough: if no stretch
 * crosses the point p, no violating window does. Every stretch computed from the usage since p is therefore
 * complete and touches no earlier one. The excess limiter refuses nothing in the first window after p, because a
 * refused post lies in a violating window, so it starts there with the true count. Breaches that are not closed are
 * always recomputed, because their state changes by time. A licence is computed from the start of its calendar
 * month.
 */

import { monthOf } from '../tariff/licence.ts';
import { isDamages, isLicence, type Period, windowMsOf } from '../tariff/timeline.ts';
import type { Breach } from './model.ts';

/** Returns the first point to try, from the earliest bucket that changed; Infinity if none did. */
export function recomputeFrom(
  dirtyFromMs: number | null,
  periods: readonly Period[],
  bucketSeconds: number,
): number {
  if (dirtyFromMs === null) return Number.POSITIVE_INFINITY;
  const windows = periods.filter(isDamages).map((period) => windowMsOf(period.tariff, bucketSeconds));
  return dirtyFromMs - windows.reduce((longest, windowMs) => Math.max(longest, windowMs), 0);
}

/**
 * Returns the point, or an earlier one if a breach of `reaching` or a licence month crosses it. Call it again with
 * the breaches that reach the result until the result stays the same.
 */
export function recomputeBefore(
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
