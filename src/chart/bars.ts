/** The drawing of bars over an axis of values. Bars below 0 hang from the line of 0. */

import { scaleLinear } from 'd3-scale';
import type { Tick } from './scale.ts';

interface BarsDrawing {
  readonly bars: ReadonlyArray<{
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  }>;
  readonly ticks: readonly Tick[];
}

const VALUE_TICKS = 4;
/** Of the room of a bar. */
const GAP = 0.25;

export function drawBars(values: readonly number[], width: number, height: number): BarsDrawing {
  const scale = scaleLinear([Math.min(0, ...values), Math.max(0, ...values) || 1], [height, 0]).nice(
    VALUE_TICKS,
  );
  const room = width / values.length;
  const zero = scale(0);
  return {
    bars: values.map((value, index) => ({
      x: rounded(room * (index + GAP / 2)),
      y: rounded(Math.min(zero, scale(value))),
      width: rounded(room * (1 - GAP)),
      height: rounded(Math.abs(zero - scale(value))),
    })),
    ticks: scale.ticks(VALUE_TICKS).map((value) => ({ at: rounded(scale(value)), value })),
  };
}

function rounded(length: number): number {
  return Math.round(length * 100) / 100;
}
