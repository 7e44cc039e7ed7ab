import { expect, test } from 'vitest';
import { allocationEntries, proposeAllocation } from '../../src/receivable/allocate.ts';
import type { Funds } from '../../src/receivable/funds.ts';
import { receivable } from './receivables.ts';

test('the oldest debt is proposed first, and each at most with its balance', () => {
  const debts = [
    { invoiceId: 'c', dueOn: '2026-03-31', balanceMinor: 50n },
    { invoiceId: 'b', dueOn: '2026-03-31', balanceMinor: 30n },
    { invoiceId: 'a', dueOn: '2026-04-30', balanceMinor: 100n },
    { invoiceId: 'd', dueOn: '2026-01-31', balanceMinor: 0n },
  ];
  expect(proposeAllocation(100n, debts)).toEqual([
    { invoiceId: 'b', amountMinor: 30n },
    { invoiceId: 'c', amountMinor: 50n },
    { invoiceId: 'a', amountMinor: 20n },
  ]);
  expect(proposeAllocation(0n, debts)).toEqual([]);
});

test('a write-off is reversed first, and no entry is effective before the last one of its invoice', () => {
  const funds: Funds = {
    ...{ kind: 'payment', id: 'p1', clientId: null, sellerId: 'default', currency: 'USD' },
    ...{ amountMinor: 100n, leftMinor: 100n },
  };
  const targets = new Map([
    ['i1', { receivable: receivable(), writeOffs: [{ id: 7, amountMinor: -80n }], lastOn: '2026-05-01' }],
  ]);
  const who = { actor: 'Ada', atMs: 5 };
  const added = allocationEntries(funds, '2026-04-02', [{ invoiceId: 'i1', amountMinor: 60n }], targets, who);
  expect(added).toEqual([
    {
      ...{ invoiceId: 'i1', kind: 'reversal', amountMinor: 80n, paymentId: null, creditNoteId: null },
      ...{ reversesId: 7, effectiveOn: '2026-05-01', reason: 'money was allocated to the invoice', ...who },
    },
    {
      ...{ invoiceId: 'i1', kind: 'payment', amountMinor: -60n, paymentId: 'p1', creditNoteId: null },
      ...{ reversesId: null, effectiveOn: '2026-05-01', reason: null, ...who },
    },
  ]);
});
