import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientTotal, nearestFirst, windowGroups } from '../../src/report/client-totals.ts';
import { DEFAULT_TARIFF, type Tariff } from '../../src/tariff/tariff.ts';

const HOUR_MS = 3_600_000;
const SHORT: Tariff = { ...DEFAULT_TARIFF, windowSeconds: 3_600, threshold: 100 };
const LICENCE: Tariff = { ...DEFAULT_TARIFF, kind: 'licence', included: 5 };
const EXEMPT: Tariff = { kind: 'exempt' };

describe('the window of a total', () => {
  const tariffs: Record<string, Tariff> = {
    short: SHORT,
    same: { ...DEFAULT_TARIFF, threshold: 7 },
    free: EXEMPT,
  };
  const tariffOf = (clientId: string) => tariffs[clientId] ?? DEFAULT_TARIFF;

  test('is the window of the default tariff unless the client has one of another length', () => {
    expect(windowGroups(DEFAULT_TARIFF, Object.keys(tariffs), tariffOf, 60)).toEqual([
      { windowMs: 24 * HOUR_MS, clientIds: null },
      { windowMs: HOUR_MS, clientIds: ['short'] },
    ]);
  });

  test('consists of whole buckets', () => {
    const odd: Tariff = { ...DEFAULT_TARIFF, windowSeconds: 90 };
    expect(windowGroups(odd, [], () => odd, 60)).toEqual([{ windowMs: 60_000, clientIds: null }]);
  });
});

test.each<[string, Tariff, number | null, number | null]>([
  ['the default tariff', DEFAULT_TARIFF, 1_000_000, 0.25],
  ['a low threshold', SHORT, 100, 2_500],
  ['a licence', LICENCE, null, null],
  ['an exempt tariff', EXEMPT, null, null],
])('a total under %s has its threshold and share', (_, tariff, threshold, share) => {
  const total = clientTotal({ clientId: 'a', name: 'A', posts: 250_000 }, tariff, 60);
  expect(total).toMatchObject({
    clientId: 'a',
    name: 'A',
    total: 250_000,
    kind: tariff.kind,
    threshold,
    share,
  });
});

test('sorts by share, then by total, then by id, for any order of arrival', () => {
  const one = fc.record({
    clientId: fc.uuid(),
    name: fc.constant(''),
    posts: fc.integer({ min: 0, max: 3 }),
    tariff: fc.constantFrom(DEFAULT_TARIFF, SHORT, EXEMPT),
  });
  fc.assert(
    fc.property(fc.uniqueArray(one, { selector: ({ clientId }) => clientId }), (given) => {
      const totals = given.map((each) => clientTotal(each, each.tariff, 60));
      const sorted = nearestFirst(totals);
      expect(nearestFirst(totals.toReversed())).toEqual(sorted);
      for (const [at, total] of sorted.slice(1).entries()) {
        const before = sorted[at]!;
        expect(before.share ?? -1).toBeGreaterThanOrEqual(total.share ?? -1);
        if (before.share === total.share) expect(before.total).toBeGreaterThanOrEqual(total.total);
      }
    }),
  );
});
