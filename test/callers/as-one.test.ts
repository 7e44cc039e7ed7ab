import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judgeAsOne } from '../../src/callers/as-one.ts';
import { findBreaches } from '../../src/tariff/breach.ts';
import { DEFAULT_TARIFF, type TariffVersion } from '../../src/tariff/tariff.ts';
import { timelineOf } from '../../src/tariff/timeline.ts';

const MINUTE_MS = 60_000;
const WINDOW_MS = 1_440 * MINUTE_MS;
const tariff = { ...DEFAULT_TARIFF, threshold: 100 };
const DEFAULTS: TariffVersion[] = [{ id: 'v1', clientId: null, version: 1, validFromMs: 0, tariff }];

test('callers as one are judged as a client that took the sum of their minutes', () => {
  const stream = fc.array(fc.tuple(fc.nat({ max: 4_000 }), fc.integer({ min: 1, max: 40 })), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(fc.array(stream, { minLength: 1, maxLength: 5 }), (streams) => {
      const minutes = streams.flat().map(([minute, posts]) => ({ bucketMs: minute * MINUTE_MS, posts }));
      const sums = Array.from({ length: 4_001 }, () => 0);
      for (const [minute, posts] of streams.flat()) sums[minute]! += posts;
      const client = sums.flatMap((posts, at) => (posts === 0 ? [] : [{ bucketMs: at * MINUTE_MS, posts }]));
      const breaches = findBreaches(client, timelineOf('acme', DEFAULTS, 60), 60);
      const windows = sums.map((_, end) =>
        sums.slice(Math.max(0, end - 1_439), end + 1).reduce((total, posts) => total + posts, 0),
      );
      const amountMinor = breaches.reduce((sum, breach) => sum + breach.amountMinor, 0n);
      const sorted = minutes.toSorted((a, b) => a.bucketMs - b.bucketMs);
      expect(judgeAsOne(sorted, DEFAULTS, 60, WINDOW_MS)).toEqual({
        posts: sums.reduce((total, posts) => total + posts, 0),
        peakPosts: Math.max(...windows),
        breaches: breaches.length,
        amounts: breaches.length === 0 ? [] : [{ currency: 'USD', amountMinor }],
      });
    }),
    { numRuns: 25 },
  );
});
