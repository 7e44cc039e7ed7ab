import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findBreaches } from '../../src/tariff/breach.ts';
import { licenceMonths } from '../../src/tariff/licence.ts';
import { cutToBuckets, type PostsAt } from '../../src/tariff/posts.ts';
import { DEFAULT_TARIFF, type Tariff } from '../../src/tariff/tariff.ts';
import { timelineOf } from '../../src/tariff/timeline.ts';
import { floorsOf, isConcerned } from '../../src/whatif/concern.ts';
import { draws } from '../support/draws.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Two days before the end of a month, off the full day. */
const START_MS = Date.UTC(2026, 1, 26, 17, 30);

const posts = fc
  .array(
    fc.record({
      bucketMs: fc.integer({ min: 0, max: 200 }).map((hours) => START_MS + hours * HOUR_MS),
      posts: fc.integer({ min: 1, max: 20 }),
    }),
    { maxLength: 12 },
  )
  .map((rows) => cutToBuckets(rows, 60));
const damages = fc.record({
  ...{ threshold: fc.integer({ min: 1, max: 60 }) },
  windowSeconds: fc.constantFrom(60, 3600, 7200, 86_340, 86_400, 86_460, 172_800, 7 * 86_400),
});
const terms: fc.Arbitrary<Tariff> = fc.oneof(
  { weight: 4, arbitrary: damages.map((some) => ({ ...DEFAULT_TARIFF, ...some })) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 60 }).map((included): Tariff => {
      const { count, priceMinor, block, rounding, currency } = DEFAULT_TARIFF;
      return { kind: 'licence', included, count, priceMinor, block, rounding, currency };
    }),
  },
  { weight: 1, arbitrary: fc.constant<Tariff>({ kind: 'exempt' }) },
);

function byDay(rows: readonly PostsAt[]): PostsAt[] {
  const days = new Map<number, number>();
  for (const { bucketMs, posts: some } of rows) {
    const dayMs = Math.floor(bucketMs / DAY_MS) * DAY_MS;
    days.set(dayMs, (days.get(dayMs) ?? 0) + some);
  }
  return Array.from(days, ([bucketMs, sum]) => ({ bucketMs, posts: sum }));
}

describe('the prefilter', () => {
  it('drops no client with a breach or a month beyond its licence, under any of the tariffs', () => {
    const dropped = { count: 0 };
    fc.assert(
      fc.property(posts, fc.array(terms, { minLength: 1, maxLength: 3 }), (rows, tariffs) => {
        if (isConcerned(byDay(rows), floorsOf(tariffs, 60))) return;
        dropped.count++;
        for (const tariff of tariffs) {
          const always = { id: 't', clientId: null, version: 1, validFromMs: 0, tariff };
          const periods = timelineOf('c', [always], 60);
          expect(findBreaches(rows, periods, 60)).toEqual([]);
          expect(licenceMonths(rows, periods, 60).filter(({ billedPosts }) => billedPosts > 0)).toEqual([]);
        }
      }),
      { numRuns: draws(2000) },
    );
    expect(dropped.count).toBeGreaterThan(20);
  });

  it.each([
    ['a window of 24 hours touches two days', { windowSeconds: 86_400, threshold: 1000 }, 500],
    ['a window over 24 hours touches three', { windowSeconds: 86_460, threshold: 1000 }, 333],
    ['a minute touches two days if they are counted by the formula', { windowSeconds: 60, threshold: 9 }, 4],
  ])('%s', (_, some, dayPosts) => {
    expect(floorsOf([{ ...DEFAULT_TARIFF, ...some }], 60).dayPosts).toBe(dayPosts);
  });

  it('ignores tariffs that bill nothing and versions that return to the default', () => {
    const never = Number.POSITIVE_INFINITY;
    expect(floorsOf([null, { kind: 'exempt' }], 60)).toEqual({ dayPosts: never, monthPosts: never });
  });
});
