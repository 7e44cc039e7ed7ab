/**
 * Whether two counts by hour differ, or only put what happened at an hour's edge on different sides of it. What is
 * moved out of one hour is moved into its neighbour, so that nothing is explained away: only the assignment changes.
 */

export interface HourCounts {
  readonly ledger: number;
  readonly log: number;
}

/** What of the log may be moved across the edge before an hour. */
export interface Edge {
  /** From the hour before it into the hour. */
  readonly forward: number;
  /** From the hour into the hour before. */
  readonly back: number;
}

export type Verdict = 'equal' | 'edge' | 'differs';

interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Goes through the hours with all that may have been moved across the next edge while every hour so far agrees. Where
 * nothing can have been, the hour that is farthest off is to blame, of those since the last edge at which nothing need
 * have been moved; it is excused, and it goes on behind it. No hour is blamed exactly where some way of moving makes
 * all of them agree.
 * @param hours that follow each other, empty ones too.
 * @param edges one more than hours.
 * @param tolerance how far an hour's counts may differ after moving.
 */
export function judge(
  hours: readonly HourCounts[],
  edges: readonly Edge[],
  tolerance: (hour: HourCounts) => number,
): Verdict[] {
  const verdicts = hours.map(({ ledger, log }): Verdict => (ledger === log ? 'equal' : 'edge'));
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

/** What is moved across an edge: forward above zero, back below it. */
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
