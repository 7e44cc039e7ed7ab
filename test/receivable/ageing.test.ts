import { expect, test } from 'vitest';
import { ageOf, balanceAt } from '../../src/receivable/ageing.ts';
import { addDays, dayAt, daysBetween } from '../../src/receivable/day.ts';

test.each([
  [-1, 'current'],
  [0, 'current'],
  [1, '1-30'],
  [30, '1-30'],
  [31, '31-60'],
  [60, '31-60'],
  [61, '61-90'],
  [90, '61-90'],
  [91, '>90'],
])('%i days after the due date the age is %s', (days, age) => {
  expect(ageOf('2026-02-27', addDays('2026-02-27', days))).toBe(age);
});

test('the balance as at a date is unaffected by later entries', () => {
  const entries = [
    { amountMinor: 1_500_002n, effectiveOn: '2026-03-01' },
    { amountMinor: -500_000n, effectiveOn: '2026-04-01' },
    { amountMinor: -1_000_002n, effectiveOn: '2026-04-02' },
  ];
  const balances = ['2026-02-28', '2026-03-01', '2026-03-31', '2026-04-01', '2026-04-02'];
  expect(balances.map((day) => balanceAt(entries, day))).toEqual([
    0n,
    1_500_002n,
    1_500_002n,
    1_000_002n,
    0n,
  ]);
});

test('dates are UTC and cross months, leap days and changes of local time', () => {
  expect(dayAt(Date.UTC(2026, 2, 1) - 1)).toBe('2026-02-28');
  expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
  expect(daysBetween('2026-03-01', '2026-04-01')).toBe(31);
  expect(daysBetween('2026-04-01', '2026-03-01')).toBe(-31);
});
