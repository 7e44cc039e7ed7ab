/**
 * The drawing of a rolling total against its threshold. A column shows its smallest and its largest total, so no bucket
 * above the threshold is hidden. The value axis begins at 0 and contains every threshold.
 */

import { type Tick, timeAxis, valueAxis } from './scale.ts';
import { stepBand, stepLine } from './steps.ts';

/** Half open, epoch milliseconds UTC. */
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface WindowSeries extends Span {
  /** In order of time and adjacent; each lasts until the next one. */
  readonly columns: ReadonlyArray<{ readonly atMs: number; readonly min: number; readonly max: number }>;
  readonly thresholds: ReadonlyArray<Span & { readonly threshold: number }>;
  /** Where the total exceeds the threshold. */
  readonly over: readonly Span[];
  readonly breaches: readonly Span[];
  /** Where usage was not metered. */
  readonly gaps: readonly Span[];
  /** Moments at which the tariff changes. */
  readonly tariffsMs: readonly number[];
}

/** In units of the drawing. */
interface Band {
  readonly x: number;
  readonly width: number;
}

export interface WindowDrawing {
  /** The largest totals as a step line, and the area between the smallest and the largest. */
  readonly line: string;
  readonly spread: string;
  /** The parts of `line` in columns with a total over the threshold. */
  readonly over: string;
  readonly thresholds: ReadonlyArray<Band & { readonly y: number; readonly threshold: number }>;
  /** In the order of the series. */
  readonly breaches: readonly Band[];
  readonly gaps: readonly Band[];
  readonly tariffs: readonly number[];
  readonly timeTicks: readonly Tick[];
  readonly valueTicks: readonly Tick[];
}

/** Draws the series into `width` by `height` units. */
export function drawWindow(series: WindowSeries, width: number, height: number): WindowDrawing {
  const { columns, thresholds, fromMs, toMs } = series;
  const values = [...columns.map(({ max }) => max), ...thresholds.map(({ threshold }) => threshold)];
  const time = timeAxis(fromMs, toMs, width);
  const value = valueAxis(
    values.reduce((highest, one) => Math.max(highest, one), 0),
    height,
  );
  const endOf = (index: number) => columns[index + 1]?.atMs ?? toMs;
  const band = (span: Span): Band => {
    const x = time.position(span.fromMs);
    return { x, width: time.position(span.toMs) - x };
  };
  const tops = columns.map(({ atMs, max }) => ({ x: time.position(atMs), y: value.position(max) }));
  const over = runsOf(columns.length, (index) =>
    series.over.some((span) => span.fromMs < endOf(index) && span.toMs > columns[index]!.atMs),
  ).map(([first, last]) =>
    stepLine([...tops.slice(first, last + 1), { ...tops[last]!, x: time.position(endOf(last)) }]),
  );
  const last = columns.at(-1);
  const end = last === undefined ? [] : [{ ...last, atMs: toMs }];
  return {
    line: stepLine(
      [...columns, ...end].map(({ atMs, max }) => ({ x: time.position(atMs), y: value.position(max) })),
    ),
    spread: stepBand(
      [...columns, ...end].map(({ atMs, min, max }) => ({
        x: time.position(atMs),
        low: value.position(min),
        high: value.position(max),
      })),
    ),
    over: over.join(''),
    thresholds: thresholds.map((span) => ({
      ...band(span),
      y: value.position(span.threshold),
      threshold: span.threshold,
    })),
    breaches: series.breaches.map(band),
    gaps: series.gaps.map(band),
    tariffs: series.tariffsMs.map(time.position),
    timeTicks: time.ticks,
    valueTicks: value.ticks,
  };
}

/** The first and last index of each run of consecutive indexes for which `holds` is true. */
function runsOf(length: number, holds: (index: number) => boolean): [first: number, last: number][] {
  const runs: [number, number][] = [];
  for (let index = 0; index < length; index++) {
    if (!holds(index)) continue;
    const run = runs.at(-1);
    if (run?.[1] === index - 1) run[1] = index;
    else runs.push([index, index]);
  }
  return runs;
}
