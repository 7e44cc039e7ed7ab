import { expect, test } from 'vitest';
import { expiringItem } from '../../../src/report/inbox/expiring.ts';

const EXPIRIES = [
  { label: { en: 'State claims' }, on: '2028-03-01' },
  { label: { en: 'Federal claims' }, on: '2027-03-01' },
];

test.each([
  ['2026-11-30', null],
  ['2026-12-01', 'x, and a claim expires in 90 days, on 2027-03-01: Federal claims'],
  ['2027-02-28', 'x, and a claim expires in 1 day, on 2027-03-01: Federal claims'],
  ['2027-03-01', 'x, and a claim expires today: Federal claims'],
  ['2027-03-02', null],
  ['2027-12-02', 'x, and a claim expires in 90 days, on 2028-03-01: State claims'],
  ['2028-03-02', null],
])('on %s the first expiry ahead is %s', (today, why) => {
  expect(expiringItem(EXPIRIES, today, 'x')?.why ?? null).toBe(why);
});
