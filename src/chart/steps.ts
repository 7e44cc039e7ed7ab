/** Path strings of step lines: each value holds until the next point. */

import { area, curveStepAfter, line } from 'd3-shape';

/** Decimal places of coordinates. */
const DIGITS = 2;

export interface StepPoint {
  readonly x: number;
  readonly y: number;
}

/** A step line through the points, in order of x. */
export function stepLine(points: readonly StepPoint[]): string {
  const path = line<StepPoint>(
    ({ x }) => x,
    ({ y }) => y,
  );
  return path.curve(curveStepAfter).digits(DIGITS)([...points]) ?? '';
}

export interface BandPoint {
  readonly x: number;
  readonly low: number;
  readonly high: number;
}

/** The area between two step lines. */
export function stepBand(points: readonly BandPoint[]): string {
  const path = area<BandPoint>(
    ({ x }) => x,
    ({ low }) => low,
    ({ high }) => high,
  );
  return path.curve(curveStepAfter).digits(DIGITS)([...points]) ?? '';
}
