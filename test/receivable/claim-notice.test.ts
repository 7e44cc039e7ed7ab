import { expect, test } from 'vitest';
import { claimNoticeOn } from '../../src/receivable/claim-notice.ts';
import { addDays } from '../../src/receivable/date.ts';

const EXPIRES = '2027-02-27';

test.each([
  [91, null],
  [90, 90],
  [31, 90],
  [30, 30],
  [8, 30],
  [7, 7],
  [0, 7],
  [-1, null],
] as const)('%d days before the expiry, the notice is %j', (daysLeft, notice) => {
  expect(claimNoticeOn(EXPIRES, addDays(EXPIRES, -daysLeft))).toBe(notice);
});

test('a claim that is looked at every day is told of three times', () => {
  const days = Array.from({ length: 400 }, (_, back) => claimNoticeOn(EXPIRES, addDays(EXPIRES, back - 380)));
  expect([...new Set(days.filter((one) => one !== null))]).toEqual([90, 30, 7]);
});
