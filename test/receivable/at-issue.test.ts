/** What the issue of an invoice enters into the book. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { entriesAtIssue } from '../../src/receivable/at-issue.ts';

it.each(['invoice', 'supplement'] as const)('an %s is charged once', (kind) => {
  const open = [{ invoiceId: 'other', balanceMinor: 5n }];
  expect(entriesAtIssue({ id: 'i', kind, correctsId: 'other', payableMinor: 119n }, open)).toEqual([
    { invoiceId: 'i', kind: 'charge', amountMinor: 119n, creditNoteId: null },
  ]);
});

it('a credit note pays off the invoice that it corrects first, then the others', () => {
  const open = [
    { invoiceId: 'a', balanceMinor: 30n },
    { invoiceId: 'b', balanceMinor: 50n },
    { invoiceId: 'c', balanceMinor: 40n },
  ];
  const credits = entriesAtIssue(
    { id: 'n', kind: 'credit_note', correctsId: 'b', payableMinor: -100n },
    open,
  );
  expect(credits.map(({ invoiceId, amountMinor }) => [invoiceId, amountMinor])).toEqual([
    ['b', -50n],
    ['a', -30n],
    ['c', -20n],
  ]);
  expect(credits.every(({ creditNoteId, kind }) => creditNoteId === 'n' && kind === 'credit')).toBe(true);
});

it('credits never exceed a balance or the credit note, and leave a rest only if all balances are paid', () => {
  const balances = fc.array(fc.bigInt({ min: 1n, max: 100n }), { maxLength: 6 });
  fc.assert(
    fc.property(balances, fc.bigInt({ min: 1n, max: 300n }), (amounts, credit) => {
      const open = amounts.map((balanceMinor, at) => ({ invoiceId: `i${at}`, balanceMinor }));
      const entries = entriesAtIssue(
        { id: 'n', kind: 'credit_note', correctsId: 'i1', payableMinor: -credit },
        open,
      );
      const credited = entries.reduce((sum, { amountMinor }) => sum - amountMinor, 0n);
      const owed = amounts.reduce((sum, amount) => sum + amount, 0n);
      expect(credited).toBe(owed < credit ? owed : credit);
      for (const { invoiceId, amountMinor } of entries) {
        const { balanceMinor } = open.find((one) => one.invoiceId === invoiceId)!;
        expect(-amountMinor > 0n && -amountMinor <= balanceMinor).toBe(true);
      }
    }),
  );
});
