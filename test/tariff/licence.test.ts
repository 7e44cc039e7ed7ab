import fc from 'fast-check';
import { expect, it } from 'vitest';
import { licenceMonths, monthOf, nextMonth } from '../../src/tariff/licence.ts';
import { cutToBuckets } from '../../src/tariff/posts.ts';
import { timelineOf } from '../../src/tariff/timeline.ts';
import { BUCKETS, licence, START_MS, usage, versions } from './arbitraries.ts';
import { BUCKET_MS, slowMonths } from './oracle.ts';

it('licenceMonths agrees with the oracle', () => {
  fc.assert(
    fc.property(usage, versions, licence, (posts, changes, first) => {
      const all = changes.map((version) =>
        version.id === 'first' ? { ...version, tariff: first } : version,
      );
      const rows = cutToBuckets(
        Array.from(posts, ([bucketMs, count]) => ({ bucketMs, posts: count })),
        60,
      );
      const months = licenceMonths(rows, timelineOf('c', all, 60), 60).map((month) => [
        new Date(month.monthMs).toISOString().slice(0, 7),
        {
          posts: month.posts,
          included: month.included,
          billedPosts: month.billedPosts,
          lines: month.lines.map(({ posts: billed, amountMinor, tariffVersionId }) => ({
            posts: billed,
            amountMinor,
            tariffVersionId,
          })),
        },
      ]);
      const slow = slowMonths(posts, all, START_MS - 10 * BUCKET_MS, START_MS + (BUCKETS + 10) * BUCKET_MS);
      expect(months).toEqual([...slow]);
    }),
    { numRuns: 1000 },
  );
});

it('months are calendar months in UTC', () => {
  expect(monthOf(Date.UTC(2026, 1, 28, 23, 59))).toBe(Date.UTC(2026, 1, 1));
  expect(monthOf(Date.UTC(2026, 2, 1))).toBe(Date.UTC(2026, 2, 1));
  expect(nextMonth(Date.UTC(2026, 11, 1))).toBe(Date.UTC(2027, 0, 1));
});
