import fc from 'fast-check';
import { expect, it } from 'vitest';
import { drawLimitCurve } from '../../src/chart/limit-curve.ts';

const curve = fc
  .uniqueArray(fc.integer({ min: 1, max: 1_000_000_000 }), { minLength: 2, maxLength: 24 })
  .chain((limits) =>
    fc
      .array(fc.nat({ max: 5000 }), { minLength: limits.length, maxLength: limits.length })
      .map((values) =>
        limits
          .toSorted((a, b) => a - b)
          .map((limit, index) => ({ limit, value: values.toSorted((a, b) => b - a)[index]! })),
      ),
  );

it('begins at the left edge with the highest value, falls, and ends at the right edge', () => {
  fc.assert(
    fc.property(curve, (points) => {
      const { line, limitTicks, valueTicks, markedAt } = drawLimitCurve(points, points[1]!.limit, 640, 180);
      const corners = [...line.matchAll(/(-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
      expect(corners[0]![0]).toBe(0);
      expect(corners.at(-1)![0]).toBeCloseTo(640, 1);
      for (const [index, [x, y]] of corners.entries()) {
        const [beforeX, beforeY] = corners[index - 1] ?? [0, 0];
        expect(x).toBeGreaterThanOrEqual(beforeX!);
        expect(y).toBeGreaterThanOrEqual(index === 0 ? 0 : beforeY!);
        expect(y).toBeLessThanOrEqual(180);
      }
      expect(limitTicks.map(({ value }) => value)).toEqual([
        points[0]!.limit,
        points[1]!.limit,
        points.at(-1)!.limit,
      ]);
      expect(limitTicks[1]!.at).toBe(markedAt);
      expect(valueTicks[0]).toEqual({ at: 180, value: 0 });
    }),
  );
});
