import { describe, expect, test } from 'vitest';
import { clientNow, leastClaim, usageAsk } from '../../../src/report/clients/client-now.ts';
import type { LedgerStanding } from '../../../src/report/clients/port.ts';
import { DEFAULT_TARIFF, type Tariff } from '../../../src/tariff/tariff.ts';

const MINUTE_MS = 60_000;
const NOW_MS = Date.UTC(2026, 2, 2, 12, 0, 30);
const END_MS = Date.UTC(2026, 2, 2, 12, 1);
const CLOCK = { nowMs: NOW_MS, bucketSeconds: 60 };
const STANDING: LedgerStanding = {
  clientId: 'acme',
  lastSeenMs: null,
  monthPosts: 0,
  openStretchFromMs: null,
  isSettling: false,
  isOnHold: false,
  drafts: [],
  month: [],
};
const served = (...posts: [minutesAgo: number, posts: number][]) => ({
  clientId: 'acme',
  posts: posts.map(([age, count]) => ({ bucketMs: END_MS - (age + 1) * MINUTE_MS, posts: count })),
  requests: 7,
  uncounted: 1,
});

describe('the present figures of a client', () => {
  test('count the window for the total, and the last 60 minutes for the pace', () => {
    const now = clientNow(
      STANDING,
      served([1_440, 5], [1_439, 300], [60, 20], [59, 7], [0, 1]),
      DEFAULT_TARIFF,
      CLOCK,
    );
    expect(now).toMatchObject({ total: 328, pace: 8, share: 328 / 1_000_000, requests: 7, uncounted: 1 });
  });

  test('reach back an hour for the pace even if the window is shorter', () => {
    const short: Tariff = { ...DEFAULT_TARIFF, windowSeconds: 600, threshold: 10 };
    expect(usageAsk('acme', short, CLOCK)).toEqual({
      clientId: 'acme',
      fromMs: END_MS - 60 * MINUTE_MS,
      windowFromMs: END_MS - 10 * MINUTE_MS,
    });
    expect(clientNow(STANDING, served([59, 100], [9, 4]), short, CLOCK)).toMatchObject({
      total: 4,
      pace: 104,
    });
  });

  test('say since when the total is over, once billing has found the breach', () => {
    const over = served([0, 1_000_001]);
    expect(clientNow(STANDING, over, DEFAULT_TARIFF, CLOCK).overAtMs).toBeNull();
    const open = { ...STANDING, openStretchFromMs: END_MS - 1_440 * MINUTE_MS };
    expect(clientNow(open, over, DEFAULT_TARIFF, CLOCK).overAtMs).toBe(END_MS - MINUTE_MS);
  });

  test('without usage are 0', () => {
    const now = clientNow(STANDING, undefined, { kind: 'exempt' }, CLOCK);
    expect(now).toMatchObject({
      total: 0,
      pace: 0,
      threshold: null,
      share: null,
      overAtMs: null,
      requests: 0,
    });
  });
});

test.each<[string, Tariff, bigint | null]>([
  ['one post too many charges all of them', DEFAULT_TARIFF, 1_500_002n],
  ['only the excess is charged', { ...DEFAULT_TARIFF, basis: 'excess' }, 2n],
  ['whole blocks are charged', { ...DEFAULT_TARIFF, rounding: 'started' }, 3_000_000n],
  ['a tariff that refuses charges nothing', { ...DEFAULT_TARIFF, onThreshold: 'refuse' }, null],
  ['a licence has no threshold', { ...DEFAULT_TARIFF, kind: 'licence', included: 5 }, null],
])('the least claim: %s', (_, tariff, amountMinor) => {
  expect(leastClaim(tariff)?.amountMinor ?? null).toBe(amountMinor);
});

test('a range of callers is never billed, so crossing comes to nothing', () => {
  const range = { ...STANDING, clientId: 'net:203.0.113.0/24' };
  expect(clientNow(range, undefined, DEFAULT_TARIFF, CLOCK).ifCrossed).toBeNull();
});
