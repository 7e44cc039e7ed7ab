import { expect, test } from 'vitest';
import { type AgedDebt, ageBucketOf, ageingOf, openAsAt } from '../../src/receivable/ageing.ts';

test.each([
  ['2026-03-31', 'not_due'],
  ['2026-04-01', 'days_1_30'],
  ['2026-04-30', 'days_1_30'],
  ['2026-05-01', 'days_31_60'],
  ['2026-05-30', 'days_31_60'],
  ['2026-05-31', 'days_61_90'],
  ['2026-06-29', 'days_61_90'],
  ['2026-06-30', 'over_90'],
])('an invoice due on 2026-03-31 is %s: %s', (asAt, bucket) => {
  expect(ageBucketOf('2026-03-31', asAt)).toBe(bucket);
});

test('entries after the date do not count', () => {
  const entries = [
    { amountMinor: 100n, effectiveOn: '2026-03-01' },
    { amountMinor: -60n, effectiveOn: '2026-04-02' },
    { amountMinor: -40n, effectiveOn: '2026-04-03' },
  ];
  expect(openAsAt(entries, '2026-02-28')).toBe(0n);
  expect(openAsAt(entries, '2026-04-01')).toBe(100n);
  expect(openAsAt(entries, '2026-04-02')).toBe(40n);
  expect(openAsAt(entries, '2026-12-31')).toBe(0n);
});

test('open amounts are summed by currency and age, and disputed amounts are apart', () => {
  const debt = (currency: string, dueOn: string, openMinor: bigint, isDisputed = false): AgedDebt => ({
    ...{ currency, dueOn, openMinor, isDisputed },
  });
  const debts = [
    debt('USD', '2026-05-01', 180n),
    debt('USD', '2026-03-31', 61n),
    debt('USD', '2026-02-14', 60n),
    debt('USD', '2026-01-01', 9n, true),
    debt('EUR', '2025-01-01', 24n),
    debt('CHF', '2026-01-01', 0n),
  ];
  expect(ageingOf(debts, '2026-04-15')).toEqual([
    {
      currency: 'EUR',
      buckets: { not_due: 0n, days_1_30: 0n, days_31_60: 0n, days_61_90: 0n, over_90: 24n },
      disputedMinor: 0n,
      totalMinor: 24n,
    },
    {
      currency: 'USD',
      buckets: { not_due: 180n, days_1_30: 61n, days_31_60: 60n, days_61_90: 0n, over_90: 0n },
      disputedMinor: 9n,
      totalMinor: 310n,
    },
  ]);
});
