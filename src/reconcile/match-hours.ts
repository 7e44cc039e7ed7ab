/**
 * Decides whether two series of hourly counts differ, or only assign responses at an hour boundary to different
 * hours. Whatever is moved out of one hour is added to its neighbour, so the sum never changes.
 */

export interface HourCounts {
  readonly ledger: number;
  readonly log: number;
}

/** The log's counts that may be moved across the boundary before an hour. */
export interface Edge {
  /** From the hour before the boundary into the hour. */
  readonly forward: number;
  /** From the hour into the hour before. */
  readonly back: number;
}

export type HourVerdict = 'equal' | 'edge' | 'differs';

interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Scans the hours left to right, tracking how much could have been shifted across each boundary. If no shift can
 * explain an hour, reports the hour with the largest difference since the last clean boundary and continues after it.
 * No hour is reported if some assignment makes all of them agree.
 * @param hours consecutive, including empty ones.
 * @param edges one more than hours.
 * @param tolerance maximum difference of an hour's counts after shifting.
 */
export function matchHours(
  hours: readonly HourCounts[],
  edges: readonly Edge[],
  tolerance: (hour: HourCounts) => number,
): HourVerdict[] {
  const verdicts = hours.map(({ ledger, log }): HourVerdict => (ledger === log ? 'equal' : 'edge'));
  const tolerances = hours.map(tolerance);
  let moved = intervalOf(edges[0]!);
  let settled = 0;
  for (let at = 0; at < hours.length; at++) {
    const { ledger, log } = hours[at]!;
    const spare = tolerances[at]!;
    const wanted = { low: moved.low + log - ledger - spare, high: moved.high + log - ledger + spare };
    const next = intersection(wanted, intervalOf(edges[at + 1]!));
    if (next !== null) {
      moved = next;
      if (next.low <= 0 && next.high >= 0) settled = at + 1;
      continue;
    }
    at = farthestOff(hours, tolerances, settled, at);
    verdicts[at] = 'differs';
    settled = at + 1;
    moved = intervalOf(edges[at + 1]!);
  }
  return verdicts;
}

/** The range of possible shifts across a boundary: forward is positive, back negative. */
function intervalOf({ forward, back }: Edge): Interval {
  return { low: -back, high: forward };
}

function intersection(a: Interval, b: Interval): Interval | null {
  const low = Math.max(a.low, b.low);
  const high = Math.min(a.high, b.high);
  return low <= high ? { low, high } : null;
}

function farthestOff(
  hours: readonly HourCounts[],
  tolerances: readonly number[],
  from: number,
  to: number,
): number {
  const off = (at: number) => Math.abs(hours[at]!.ledger - hours[at]!.log) - tolerances[at]!;
  let farthest = from;
  for (let at = from + 1; at <= to; at++) if (off(at) > off(farthest)) farthest = at;
  return farthest;
}
