import { expect, test } from 'vitest';
import { standingOf } from '../../src/receivable/label.ts';
import type { Receivable } from '../../src/receivable/model.ts';
import { receivable } from './receivables.ts';

const CASES: readonly (readonly [string, Partial<Receivable>, string, string, number])[] = [
  ['on the due date', {}, '2026-03-31', 'open', 0],
  ['a day later', {}, '2026-04-01', 'overdue', 1],
  ['across a leap day', { dueOn: '2028-02-28' }, '2028-03-01', 'overdue', 2],
  ['part paid before it is due', { balanceMinor: 2n, paidMinor: 1_500_000n }, '2026-03-01', 'part_paid', 0],
  ['part paid and late', { balanceMinor: 2n, paidMinor: 1_500_000n }, '2026-04-12', 'overdue', 12],
  ['disputed and late', { disputeId: 'd1' }, '2026-04-12', 'disputed', 12],
  ['paid late', { balanceMinor: 0n, paidMinor: 1_500_002n }, '2027-01-01', 'paid', 0],
  [
    'paid and credited',
    { balanceMinor: 0n, paidMinor: 2n, creditedMinor: 1_500_000n },
    '2026-03-01',
    'paid',
    0,
  ],
  ['credited', { balanceMinor: 0n, creditedMinor: 1_500_002n }, '2026-03-01', 'credited', 0],
  [
    'the rest written off',
    { balanceMinor: 0n, paidMinor: 2n, writtenOffMinor: 1_500_000n },
    '2027-01-01',
    'uncollectible',
    0,
  ],
  [
    'paid under dispute',
    { balanceMinor: 0n, paidMinor: 1_500_002n, disputeId: 'd1' },
    '2026-05-01',
    'paid',
    0,
  ],
];

test.each(CASES)('%s', (_name, over, today, label, overdueDays) => {
  const standing = standingOf(receivable(over), today);
  expect(standing).toEqual({ label, overdueDays, isDisputed: (over.disputeId ?? null) !== null });
});
