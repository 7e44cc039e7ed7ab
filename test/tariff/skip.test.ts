import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findBreaches } from '../../src/tariff/breach.ts';
import { cutToBuckets } from '../../src/tariff/posts.ts';
import { canBeSkipped } from '../../src/tariff/skip.ts';
import { DEFAULT_TARIFF } from '../../src/tariff/tariff.ts';
import { timelineOf } from '../../src/tariff/timeline.ts';
import { BUCKETS, START_MS, usage, versions } from './arbitraries.ts';
import { BUCKET_MS } from './oracle.ts';

const SMALL = { ...DEFAULT_TARIFF, threshold: 100, windowSeconds: 300 };
const client = {
  dirtyFromMs: 600_000,
  hasOwnTariff: false,
  hasLicenceInvoice: false,
  breachEndsMs: [],
  posts: [{ bucketMs: 300_000, posts: 100 }],
};

describe('a changed client', () => {
  it.each([
    ['may be skipped at the lowest threshold', {}, [SMALL, DEFAULT_TARIFF, null], true],
    ['is billed above it', { posts: [...client.posts, { bucketMs: 900_000, posts: 1 }] }, [SMALL], false],
    [
      'is skipped if the posts are older than a window',
      { posts: [{ bucketMs: 299_999, posts: 101 }] },
      [SMALL],
      true,
    ],
    ['is billed if a breach reaches the window', { breachEndsMs: [0, 300_000] }, [SMALL], false],
    ['is skipped if its breaches ended before', { breachEndsMs: [299_999] }, [SMALL], true],
    ['is billed under a tariff of its own', { hasOwnTariff: true }, [SMALL], false],
    ['is billed if it has a licence invoice', { hasLicenceInvoice: true }, [SMALL], false],
    [
      'is billed if the default was a licence',
      {},
      [SMALL, { ...SMALL, kind: 'licence', included: 9 }],
      false,
    ],
    ['is skipped if no tariff ever charges', {}, [{ kind: 'exempt' }], true],
  ] as const)('%s', (_what, change, defaults, isSkipped) => {
    expect(canBeSkipped({ ...client, ...change }, defaults)).toBe(isSkipped);
  });

  it('is skipped only if no breach reaches beyond the change', () => {
    let skipped = 0;
    fc.assert(
      fc.property(usage, versions, fc.nat({ max: BUCKETS }), (served, all, bucket) => {
        const defaults = all.filter(({ clientId }) => clientId === null);
        const posts = cutToBuckets(
          Array.from(served, ([bucketMs, count]) => ({ bucketMs, posts: count })),
          60,
        );
        const dirtyFromMs = START_MS + bucket * BUCKET_MS;
        if (
          !canBeSkipped(
            { ...client, dirtyFromMs, posts },
            defaults.map(({ tariff }) => tariff),
          )
        )
          return;
        skipped++;
        const breaches = findBreaches(posts, timelineOf('c', defaults, 60), 60);
        expect(breaches.filter(({ stretchToMs }) => stretchToMs > dirtyFromMs)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
    expect(skipped).toBeGreaterThan(50);
  });
});
