import { expect, it } from 'vitest';
import { futureUsageHolds } from '../../src/meter/future-usage.ts';

const NOW_MS = Date.UTC(2026, 2, 1, 12, 0, 30);
const MINUTE = 60_000;
const usage = (clientId: string, bucketMs: number, posts: number) => ({
  ...{ clientId, identifierId: 'i', bucketMs, posts, requests: 1, refused: 0, bytes: 0, uncounted: 0 },
});

it('puts each client with posts over three minutes ahead on hold once, and reports the furthest', () => {
  const batch = {
    journalId: 'gateway-1',
    usage: [
      usage('in time', NOW_MS + 3 * MINUTE, 5),
      usage('ahead', NOW_MS + 3 * MINUTE + 1, 1),
      usage('ahead', NOW_MS + 60 * MINUTE, 1),
      usage('refused', NOW_MS + 60 * MINUTE, 0),
    ],
  };
  expect(futureUsageHolds(batch, NOW_MS)).toEqual([
    {
      clientId: 'ahead',
      code: 'future_usage',
      reason: expect.stringMatching(
        /^journal gateway-1 has usage of 2026-03-01T13:00:30.000Z, .* 2026-03-01T12:00:30.000Z: /,
      ),
    },
  ]);
  expect(futureUsageHolds({ ...batch, usage: batch.usage.slice(0, 1) }, NOW_MS)).toEqual([]);
});
