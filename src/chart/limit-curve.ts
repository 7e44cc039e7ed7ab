/** The drawing of a curve over thresholds: how a number falls while the threshold rises, on a logarithmic axis. */

import { type Tick, valueAxis } from './scale.ts';
import { stepLine } from './steps.ts';

export interface LimitCurveDrawing {
  readonly line: string;
  /** Positions of the first limit, the middle one of the axis, and the last. */
  readonly limitTicks: readonly Tick[];
  readonly valueTicks: readonly Tick[];
  /** The position of the limit that is marked. */
  readonly markedAt: number;
}

/** `points` must be in order of their limits, which are above 0, with at least two of them. */
export function drawLimitCurve(
  points: ReadonlyArray<{ readonly limit: number; readonly value: number }>,
  marked: number,
  width: number,
  height: number,
): LimitCurveDrawing {
  const first = Math.log(points[0]!.limit);
  const span = Math.log(points.at(-1)!.limit) - first;
  const x = (limit: number) => ((Math.log(limit) - first) / span) * width;
  const highest = points.reduce((most, { value }) => Math.max(most, value), 0);
  const value = valueAxis(highest, height);
  const ends = [points[0]!.limit, marked, points.at(-1)!.limit];
  return {
    line: stepLine(points.map((point) => ({ x: x(point.limit), y: value.position(point.value) }))),
    limitTicks: ends.map((limit) => ({ at: x(limit), value: limit })),
    valueTicks: value.ticks,
    markedAt: x(marked),
  };
}
