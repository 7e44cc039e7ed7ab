import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawWindow, type WindowSeries } from '../../src/chart/window-chart.ts';
import { clientChart } from '../../src/report/client-chart.ts';
import { DEFAULT_TARIFF } from '../../src/tariff/tariff.ts';
import { timelineOf } from '../../src/tariff/timeline.ts';
import { BUCKET_MS } from '../tariff/oracle.ts';

const [WIDTH, HEIGHT] = [1000, 300];
const T0 = Date.UTC(2026, 2, 1);
const WINDOW_BUCKETS = 60;

/** The corners of a path, in order. */
const cornersOf = (path: string) =>
  [...path.matchAll(/([ML])(-?[\d.]+),(-?[\d.]+)/g)].map(([, command, x, y]) => ({
    isStart: command === 'M',
    x: Number(x),
    y: Number(y),
  }));
const EMPTY = { thresholds: [], over: [], breaches: [], gaps: [], tariffsMs: [] };

/** A random walk of posts over more buckets than columns, with a threshold that it crosses or not. */
const series = fc
  .record({
    served: fc.array(fc.oneof(fc.constant(0), fc.nat(5), fc.nat(200)), { minLength: 10, maxLength: 600 }),
    threshold: fc.integer({ min: 1, max: 3_000 }),
    step: fc.constantFrom(1, 5, 15),
  })
  .map(({ served, threshold, step }) => {
    const range = { fromMs: T0, toMs: T0 + served.length * BUCKET_MS, stepMs: step * BUCKET_MS };
    const posts = served
      .map((count, index) => ({ bucketMs: T0 + index * BUCKET_MS, posts: count }))
      .filter((at) => at.posts > 0);
    const tariff = { ...DEFAULT_TARIFF, threshold, windowSeconds: WINDOW_BUCKETS * 60 };
    const version = { id: 't', clientId: null, version: 1, validFromMs: 0, tariff };
    const chart = clientChart(posts, timelineOf('c', [version], 60), range, 60);
    const totals = served.map((_, index) =>
      served.slice(Math.max(0, index - WINDOW_BUCKETS + 1), index + 1).reduce((sum, one) => sum + one, 0),
    );
    return { chart, range, threshold, step, totals };
  });

describe('drawWindow', () => {
  it('draws the maximum of 200 random series, and marks exactly the columns over the threshold', () => {
    fc.assert(
      fc.property(series, ({ chart, range, threshold, step, totals }) => {
        const drawn = drawWindow(
          { ...chart, ...range, breaches: [], gaps: [], tariffsMs: [] },
          WIDTH,
          HEIGHT,
        );
        const corners = cornersOf(drawn.line);
        const top = Math.max(Math.max(...totals), threshold);
        const axisTop = drawn.valueTicks.at(-1)!;
        const unitsPerPost = (HEIGHT - axisTop.at) / Math.max(1, axisTop.value);
        const yOf = (total: number) => HEIGHT - total * unitsPerPost;

        expect(Math.min(...corners.map(({ y }) => y))).toBeCloseTo(yOf(Math.max(...totals)), 1);
        expect(drawn.thresholds[0]!.y).toBeCloseTo(yOf(threshold), 1);
        expect(yOf(top)).toBeGreaterThanOrEqual(-0.01);
        expect([corners[0]!.x, corners.at(-1)!.x]).toEqual([0, WIDTH]);

        const over = cornersOf(drawn.over);
        chart.columns.forEach((_column, index) => {
          const middle = ((index + 0.5) * step * WIDTH) / totals.length;
          const isDrawn = over.some(
            (corner, at) => corner.x <= middle && over[at + 1]?.isStart === false && over[at + 1]!.x > middle,
          );
          const violates = totals.slice(index * step, (index + 1) * step).some((total) => total > threshold);
          if (middle < WIDTH) expect(isDrawn).toBe(violates);
        });
      }),
      { numRuns: 200 },
    );
  });

  it('places bands and marks in time, and clamps what reaches beyond the range', () => {
    const hour = 3_600_000;
    const drawn = drawWindow(
      {
        ...EMPTY,
        ...{ fromMs: T0, toMs: T0 + 10 * hour },
        columns: [{ atMs: T0, min: 0, max: 800 }],
        thresholds: [{ fromMs: T0, toMs: T0 + 4 * hour, threshold: 1_000 }],
        breaches: [{ fromMs: T0 - hour, toMs: T0 + hour }],
        gaps: [{ fromMs: T0 + 9 * hour, toMs: T0 + 99 * hour }],
        tariffsMs: [T0 + 5 * hour],
      },
      WIDTH,
      HEIGHT,
    );
    expect(drawn.breaches).toEqual([{ x: 0, width: 100 }]);
    expect(drawn.gaps).toEqual([{ x: 900, width: 100 }]);
    expect(drawn.tariffs).toEqual([500]);
    expect(drawn.thresholds).toEqual([{ x: 0, width: 400, y: 0, threshold: 1_000 }]);
    expect(drawn.timeTicks.map(({ value }) => (value - T0) / hour)).toEqual([0, 3, 6, 9]);
  });

  it.each<[string, Partial<WindowSeries>]>([
    ['no columns', { columns: [] }],
    ['no posts and no threshold', { columns: [{ atMs: T0, min: 0, max: 0 }] }],
  ])('has an axis with %s', (_name, part) => {
    const drawn = drawWindow(
      { ...EMPTY, columns: [], fromMs: T0, toMs: T0 + BUCKET_MS, ...part },
      WIDTH,
      HEIGHT,
    );
    expect(drawn.valueTicks[0]).toEqual({ at: HEIGHT, value: 0 });
    expect(drawn.valueTicks.length).toBeGreaterThan(1);
    expect(`${drawn.line}${drawn.over}${drawn.spread}`).not.toMatch(/NaN|Infinity/);
  });
});
