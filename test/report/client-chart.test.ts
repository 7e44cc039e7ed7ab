import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chartRange, clientChart, MAX_COLUMNS } from '../../src/report/client-chart.ts';
import { cutToBuckets } from '../../src/tariff/posts.ts';
import { timelineOf } from '../../src/tariff/timeline.ts';
import { draws } from '../support/draws.ts';
import { BUCKETS, START_MS, usage, versions } from '../tariff/arbitraries.ts';
import { BUCKET_MS, slowTotals } from '../tariff/oracle.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const T0 = Date.UTC(2026, 2, 1);

describe('chartRange', () => {
  it.each([
    ['one minute', { fromMs: T0, toMs: T0 + BUCKET_MS }, BUCKET_MS, 1],
    ['two days', { fromMs: T0, toMs: T0 + 2 * DAY_MS }, 5 * BUCKET_MS, 576],
    ['a week', { fromMs: T0, toMs: T0 + 7 * DAY_MS }, 15 * BUCKET_MS, 672],
    ['30 days', { fromMs: T0, toMs: T0 + 30 * DAY_MS }, HOUR_MS, 720],
    ['100 days', { fromMs: T0, toMs: T0 + 100 * DAY_MS }, 6 * HOUR_MS, 400],
    ['a range off the steps', { fromMs: T0 + 1, toMs: T0 + 2 * DAY_MS + 1 }, 5 * BUCKET_MS, 577],
  ])('gives %s in steps that fit', (_name, span, stepMs, columns) => {
    const range = chartRange(span, 60);
    expect(range.stepMs).toBe(stepMs);
    expect(Math.ceil((range.toMs - range.fromMs) / stepMs)).toBe(columns);
  });

  it('contains the span and starts and ends on its steps, for every bucket', () => {
    const span = fc.record({
      fromMs: fc.integer({ min: T0 - 400 * DAY_MS, max: T0 }),
      lengthMs: fc.integer({ min: 1, max: 400 * DAY_MS }),
      bucketSeconds: fc.constantFrom(1, 10, 60),
    });
    fc.assert(
      fc.property(span, ({ fromMs, lengthMs, bucketSeconds }) => {
        const toMs = fromMs + lengthMs;
        const range = chartRange({ fromMs, toMs }, bucketSeconds);
        expect(range.fromMs).toBeLessThanOrEqual(fromMs);
        expect(range.toMs).toBeGreaterThanOrEqual(toMs);
        expect([range.fromMs % range.stepMs, range.toMs % (bucketSeconds * 1000)]).toEqual([0, 0]);
        expect((range.toMs - range.fromMs) / range.stepMs).toBeLessThanOrEqual(MAX_COLUMNS);
      }),
    );
  });
});

describe('clientChart', () => {
  const ranges = fc
    .record({
      from: fc.integer({ min: -5, max: BUCKETS - 2 }),
      buckets: fc.integer({ min: 1, max: BUCKETS }),
      step: fc.constantFrom(1, 3, 7),
    })
    .map(({ from, buckets, step }) => ({
      fromMs: START_MS + from * BUCKET_MS,
      toMs: START_MS + (from + buckets) * BUCKET_MS,
      stepMs: step * BUCKET_MS,
    }));

  it('agrees with a brute force over all buckets, under tariffs that change', () => {
    fc.assert(
      fc.property(usage, versions, ranges, (posts, all, range) => {
        const rows = cutToBuckets(
          Array.from(posts, ([bucketMs, count]) => ({ bucketMs, posts: count })),
          60,
        );
        const chart = clientChart(rows, timelineOf('c', all, 60), range, 60);
        const totals = slowTotals(posts, all, START_MS - 10 * BUCKET_MS, range.toMs);
        const shown = totals.filter(({ atMs }) => atMs >= range.fromMs);
        const isOver = ({ total, threshold }: (typeof shown)[number]) =>
          threshold !== null && total > threshold;

        for (const { atMs, min, max, posts: served } of chart.columns) {
          const ofColumn = shown.filter((one) => one.atMs >= atMs && one.atMs < atMs + range.stepMs);
          const sums = ofColumn.map(({ total }) => total);
          expect([min, max]).toEqual([Math.min(...sums), Math.max(...sums)]);
          expect(served).toBe(ofColumn.reduce((sum, one) => sum + (posts.get(one.atMs) ?? 0), 0));
          const overlaps = chart.over.some((span) => span.fromMs < atMs + range.stepMs && span.toMs > atMs);
          expect(overlaps).toBe(ofColumn.some(isOver));
        }
        for (const { atMs, threshold } of shown) {
          const span = chart.thresholds.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
          expect(span?.threshold ?? null).toBe(threshold);
        }
        const over = shown.filter(isOver);
        expect(chart.over[0]?.fromMs).toBe(over[0]?.atMs);
        expect(chart.over.at(-1)?.toMs).toBe(over.length === 0 ? undefined : over.at(-1)!.atMs + BUCKET_MS);
        const highest = Math.max(...shown.map(({ total }) => total));
        expect(chart.total).toBe(shown.at(-1)!.total);
        const atMs = shown.find(({ total }) => total === highest)!.atMs;
        expect(chart.peak).toEqual({ total: highest, atMs: highest === 0 ? range.fromMs : atMs });
      }),
      { numRuns: draws(300) },
    );
  });
});
