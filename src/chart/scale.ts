/** Scales of a chart with their ticks: time in UTC from left to right, values from 0 upwards. */

import { scaleLinear } from 'd3-scale';

/** A mark on an axis. */
export interface Tick {
  /** Distance from the left or the top edge, in units of the drawing. */
  readonly at: number;
  /** The value, or epoch milliseconds. */
  readonly value: number;
}

export interface Axis {
  /** Position of a value or a moment. Values outside the axis are clamped to its ends. */
  readonly position: (value: number) => number;
  readonly ticks: readonly Tick[];
}

const MAX_TIME_TICKS = 9;
const VALUE_TICKS = 4;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const TIME_STEPS_MS = [
  ...[1, 5, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 7, 14, 28, 91].map((days) => days * DAY_MS),
];

/** A time axis of `width` units with at most 9 ticks on round UTC moments. */
export function timeAxis(fromMs: number, toMs: number, width: number): Axis {
  const scale = scaleLinear([fromMs, toMs], [0, width]).clamp(true);
  const stepMs = TIME_STEPS_MS.find((step) => (toMs - fromMs) / step <= MAX_TIME_TICKS) ?? toMs - fromMs;
  const ticks: Tick[] = [];
  for (let value = Math.ceil(fromMs / stepMs) * stepMs; value < toMs; value += stepMs) {
    ticks.push({ at: scale(value), value });
  }
  return { position: scale, ticks };
}

/** A value axis of `height` units from 0, at the bottom, to a round value of at least `highest`. */
export function valueAxis(highest: number, height: number): Axis {
  const scale = scaleLinear([0, Math.max(1, highest)], [height, 0])
    .nice(VALUE_TICKS)
    .clamp(true);
  return {
    position: scale,
    ticks: scale.ticks(VALUE_TICKS).map((value) => ({ at: scale(value), value })),
  };
}
