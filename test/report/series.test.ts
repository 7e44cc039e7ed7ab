import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { grainMs, type UsageSum, usageSeries } from '../../src/report/series.ts';

const HOUR_MS = 3_600_000;
const T0 = Date.UTC(2026, 2, 1);

function sum(atMs: number, posts: number): UsageSum {
  return { atMs, posts, requests: 1, refused: 0, bytes: posts * 10, uncounted: 0 };
}

describe('grainMs', () => {
  test.each([
    [HOUR_MS, [24 * HOUR_MS], HOUR_MS],
    [24 * HOUR_MS, [24 * HOUR_MS], 24 * HOUR_MS],
    [24 * HOUR_MS, [70_000], 10_000],
    [HOUR_MS, [60_000, 24 * HOUR_MS], 60_000],
  ])('step %i with windows %j is %i', (stepMs, windowsMs, expected) => {
    expect(grainMs(stepMs, windowsMs)).toBe(expected);
  });
});

describe('usageSeries', () => {
  test('adds up each step and the window that ends with it, including usage before the range', () => {
    const sums = [sum(T0 - 2 * HOUR_MS, 100), sum(T0 - HOUR_MS, 10), sum(T0 + HOUR_MS, 5)];
    const range = { fromMs: T0, toMs: T0 + 3 * HOUR_MS, stepMs: HOUR_MS };
    const points = usageSeries(sums, range, () => 3 * HOUR_MS);
    expect(points.map(({ atMs, posts, bytes, total }) => [atMs - T0, posts, bytes, total])).toEqual([
      [0, 0, 0, 110],
      [HOUR_MS, 5, 50, 15],
      [2 * HOUR_MS, 0, 0, 5],
    ]);
  });

  test('uses the window in force at the last moment of a point', () => {
    const sums = [sum(T0, 1), sum(T0 + HOUR_MS, 2), sum(T0 + 2 * HOUR_MS, 4)];
    const range = { fromMs: T0, toMs: T0 + 3 * HOUR_MS, stepMs: HOUR_MS };
    const points = usageSeries(sums, range, (atMs) => (atMs < T0 + 2 * HOUR_MS ? 2 * HOUR_MS : HOUR_MS));
    expect(points.map(({ total }) => total)).toEqual([1, 3, 4]);
  });

  test('agrees with a simple addition', () => {
    const usage = fc.uniqueArray(fc.record({ at: fc.integer({ min: -40, max: 60 }), posts: fc.nat(1000) }), {
      selector: ({ at }) => at,
    });
    const steps = fc.record({ grains: fc.constantFrom(1, 2, 5), count: fc.integer({ min: 1, max: 12 }) });
    fc.assert(
      fc.property(usage, steps, fc.integer({ min: 1, max: 30 }), (found, step, window) => {
        const sums = found.toSorted((a, b) => a.at - b.at).map(({ at, posts }) => sum(at, posts));
        const range = { fromMs: 0, toMs: step.grains * step.count, stepMs: step.grains };
        const points = usageSeries(sums, range, () => window);
        const between = (from: number, to: number) =>
          sums.filter(({ atMs }) => from <= atMs && atMs < to).reduce((total, { posts }) => total + posts, 0);
        expect(points).toHaveLength(step.count);
        for (const { atMs, posts, total } of points) {
          const endMs = atMs + step.grains;
          expect([posts, total]).toEqual([between(atMs, endMs), between(endMs - window, endMs)]);
        }
      }),
    );
  });
});
