import { expect, test } from 'vitest';
import { deductedBy, isInMatterOf } from '../../src/invoice/matter.ts';
import type { InvoiceLine } from '../../src/invoice/model.ts';

const debt = (changes: object = {}) => ({
  ...{
    id: 'x',
    clientId: 'acme',
    currency: 'USD',
    breachId: 'first' as string | null,
    monthMs: null as number | null,
  },
  ...changes,
});
const deducting = (...ids: string[]) =>
  ids.map((offsetsInvoiceId) => ({ kind: 'offset', offsetsInvoiceId }) as InvoiceLine);
const credit = { ...debt({ id: 'credit' }), lines: deducting('of-merged-breach') };

test.each([
  ['the same breach', debt(), true],
  ['another breach', debt({ breachId: 'second' }), false],
  ['another breach that became this one', debt({ id: 'of-merged-breach', breachId: 'second' }), true],
  ['the same in another currency', debt({ currency: 'EUR' }), false],
  ['another client', debt({ clientId: 'globex' }), false],
  ['a licence', debt({ breachId: null, monthMs: 0 }), false],
] as const)('an invoice of %s', (_what, one, isIn) => {
  expect(isInMatterOf(one, credit)).toBe(isIn);
});

test('an invoice of the same month', () => {
  const may = { ...debt({ breachId: null, monthMs: 5 }), lines: [] };
  expect(isInMatterOf(debt({ breachId: null, monthMs: 5 }), may)).toBe(true);
  expect(isInMatterOf(debt({ breachId: null, monthMs: 6 }), may)).toBe(false);
  expect(deductedBy(may)).toEqual([]);
});
