import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countedPosts } from '../../src/tariff/counted.ts';
import { timelineOf } from '../../src/tariff/timeline.ts';
import { BUCKETS, START_MS, versions } from './arbitraries.ts';
import { BUCKET_MS } from './oracle.ts';

const served = fc
  .uniqueArray(
    fc.record({
      bucketMs: fc.integer({ min: -9, max: BUCKETS }).map((at) => START_MS + at * BUCKET_MS),
      posts: fc.integer({ min: 5, max: 9 }),
      uniquePosts: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
    }),
    { selector: ({ bucketMs }) => bucketMs },
  )
  .map((rows) => rows.sort((a, b) => a.bucketMs - b.bucketMs));

describe('countedPosts', () => {
  it('counts each bucket by the tariff in force in it, and deliveries if no id is known', () => {
    fc.assert(
      fc.property(served, versions, (rows, changes) => {
        const periods = timelineOf('c', changes, 60);
        const slow = rows.map(({ bucketMs, posts, uniquePosts }) => {
          const tariff = periods.findLast(
            ({ fromMs, toMs }) => fromMs <= bucketMs && toMs > bucketMs,
          )?.tariff;
          const isUnique = tariff !== undefined && 'count' in tariff && tariff.count === 'unique';
          return { bucketMs, posts: isUnique && uniquePosts !== undefined ? uniquePosts : posts };
        });
        expect(countedPosts(rows, periods)).toEqual(slow);
      }),
    );
  });
});
