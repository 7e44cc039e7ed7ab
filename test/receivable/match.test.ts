import { expect, test } from 'vitest';
import { type MatchableDebt, matchRow, type ReceivedRow } from '../../src/receivable/match.ts';

const debt = (over: Partial<MatchableDebt>): MatchableDebt => ({
  ...{ invoiceId: 'i17', clientId: 'globex', currency: 'USD', balanceMinor: 1_500_002n, dueOn: '2026-03-31' },
  ...{
    displayNumber: 'PM-000017',
    paymentReference: 'RF30PM000017',
    payers: ['Globex B.V.', 'Globex Proxy'],
  },
  ...over,
});
const DEBTS = [
  debt({}),
  debt({
    ...{ invoiceId: 'i19', balanceMinor: 1_800_000n, dueOn: '2026-04-10' },
    ...{ displayNumber: 'PM-000019', paymentReference: 'RF73PM000019' },
  }),
  debt({
    ...{ invoiceId: 'i20', clientId: 'initech', balanceMinor: 1_500_000n, payers: ['Initech Müller KG'] },
    ...{ displayNumber: '20', paymentReference: null },
  }),
];
const row = (over: Partial<ReceivedRow>): ReceivedRow => ({
  ...{ amountMinor: 1_500_002n, currency: 'USD', payer: null, reference: null, ...over },
});

const CASES: readonly (readonly [string, Partial<ReceivedRow>, readonly unknown[]])[] = [
  ['a reference', { reference: 'RF30PM000017' }, ['sure', 'reference', ['i17']]],
  [
    'a reference in groups of four',
    { reference: 'Inv. rf30 PM00 0017, thanks' },
    ['sure', 'reference', ['i17']],
  ],
  ['two references of a client', { reference: 'RF73PM000019 RF30PM000017' }, ['sure', 'reference', ['i17']]],
  ['a longer number', { reference: 'RF30PM0000170' }, ['unknown', 'none', []]],
  ['a number with its amount', { reference: 'invoice pm-000017' }, ['sure', 'number_and_amount', ['i17']]],
  ['a number with another amount', { reference: 'PM-000017', amountMinor: 5n }, ['unknown', 'none', []]],
  [
    'a short number of digits',
    { reference: 'invoice 20', amountMinor: 1_500_000n },
    ['likely', 'number_and_amount', ['i20']],
  ],
  [
    'a payer with an exact balance',
    { payer: 'GLOBEX PROXY', amountMinor: 1_800_000n },
    ['likely', 'payer_and_amount', ['i19']],
  ],
  [
    'a payer with an accent and a part of the balance',
    { payer: 'initech Mu\u0308ller  kg', amountMinor: 7n },
    ['likely', 'payer', ['i20']],
  ],
  ['another currency', { reference: 'RF30PM000017', currency: 'EUR' }, ['unknown', 'none', []]],
  ['nothing', { reference: '  ', payer: '' }, ['unknown', 'none', []]],
];

test.each(CASES)('%s', (_name, over, [certainty, by, invoiceIds]) => {
  const match = matchRow(row(over), DEBTS);
  expect([match.certainty, match.by]).toEqual([certainty, by]);
  expect(match.allocations.map(({ invoiceId }) => invoiceId)).toEqual(invoiceIds);
});

test('a reference of two clients matches none of them', () => {
  const debts = [debt({}), debt({ invoiceId: 'i1', clientId: 'initech', paymentReference: 'RF73PM000019' })];
  expect(matchRow(row({ reference: 'RF30PM000017 RF73PM000019' }), debts).by).not.toBe('reference');
});

test('money beyond the matched invoice stays on the payment', () => {
  const { allocations } = matchRow(row({ reference: 'RF30PM000017', amountMinor: 2_000_000n }), DEBTS);
  expect(allocations).toEqual([{ invoiceId: 'i17', amountMinor: 1_500_002n }]);
});
