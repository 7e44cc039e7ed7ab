import { expect, test } from 'vitest';
import { externalIdsOf, planImport } from '../../src/receivable/import-plan.ts';
import type { BankRow } from '../../src/receivable/read-bank-csv.ts';

const bankRow = (row: number, over: Partial<BankRow> = {}): BankRow => ({
  ...{ row, receivedOn: '2026-04-02', amountMinor: 60n, currency: 'USD', payer: null },
  ...{ reference: 'RF30PM000017', externalId: null, ...over },
});
const DEBT = {
  ...{ invoiceId: 'i17', clientId: 'globex', currency: 'USD', balanceMinor: 100n, dueOn: '2026-03-31' },
  ...{ displayNumber: 'PM-000017', paymentReference: 'RF30PM000017', payers: ['Globex BV'] },
};

test('equal rows without an id of the bank have different ids, which do not depend on the other rows', () => {
  const rows = [bankRow(1), bankRow(2), bankRow(3, { externalId: 'tx 3' }), bankRow(4, { amountMinor: 1n })];
  const ids = externalIdsOf(rows, (text) => `#${text}`);
  expect(new Set(ids).size).toBe(4);
  expect(ids[2]).toBe('tx 3');
  expect(externalIdsOf([rows[3]!, rows[0]!, rows[1]!], (text) => `#${text}`)).toEqual([
    ids[3],
    ids[0],
    ids[1],
  ]);
});

test('a row pays what the rows before it leave, and a repeated row pays nothing again', () => {
  const rows = [bankRow(1), bankRow(2), bankRow(3)];
  const plan = planImport(rows, ['a', 'b', 'c'], new Map([['a', 'p1']]), [DEBT], () => false);
  expect(plan.map(({ recordedAs }) => recordedAs)).toEqual(['p1', null, null]);
  expect(plan.map(({ match }) => match.allocations.map(({ amountMinor }) => amountMinor))).toEqual([
    [60n],
    [60n],
    [40n],
  ]);
});
