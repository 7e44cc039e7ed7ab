import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { offsetLine } from '../../src/invoice/lines.ts';
import type { Invoice, InvoiceLine } from '../../src/invoice/model.ts';
import { INVOICE_COLUMNS, type InvoiceView, invoiceCells, lineView } from '../../src/report/invoice-view.ts';
import { amountOf } from '../../src/tariff/rating.ts';
import { DEFAULT_TARIFF, type TariffVersion } from '../../src/tariff/tariff.ts';

const VERSIONS: TariffVersion[] = [
  {
    id: 'damages',
    clientId: null,
    version: 1,
    validFromMs: 0,
    tariff: { ...DEFAULT_TARIFF, threshold: 500, windowSeconds: 3600 },
  },
  {
    id: 'licence',
    clientId: 'a',
    version: 1,
    validFromMs: 0,
    tariff: { ...DEFAULT_TARIFF, kind: 'licence', included: 9 },
  },
];

const lines = fc
  .record({
    posts: fc.integer({ min: 0, max: 1e9 }),
    priceMinor: fc.bigInt({ min: 1n, max: 10n ** 9n }),
    block: fc.integer({ min: 1, max: 1e7 }),
    rounding: fc.constantFrom('prorated', 'completed', 'started'),
  })
  .map(
    (charge): InvoiceLine => ({
      ...charge,
      kind: 'charge',
      offsetsInvoiceId: null,
      tariffVersionId: 'damages',
      description: 'Posts',
      fromMs: 0,
      toMs: 60_000,
      amountMinor: amountOf(charge.posts, { ...charge, currency: 'USD' }),
      peakPosts: null,
      peakAtMs: null,
      correctsLine: null,
      reason: null,
    }),
  );

const issued = fc
  .record({
    lines: fc.array(lines, { minLength: 1, maxLength: 3 }),
    kind: fc.constantFrom<Invoice['kind'][]>('invoice', 'supplement', 'credit_note'),
    amountMinor: fc.bigInt({ min: 1n, max: 10n ** 12n }),
  })
  .map(({ kind, amountMinor, ...rest }) =>
    offsetLine({
      ...rest,
      kind,
      number: 7,
      amountMinor: kind === 'credit_note' ? -amountMinor : amountMinor,
    } as unknown as Invoice),
  );

const minor = (amount: string) => BigInt(amount.replace('.', ''));

describe('a line of an invoice', () => {
  test('has the amount quantity x price, also for credit lines', () => {
    fc.assert(
      fc.property(fc.oneof(lines, issued), (line) => {
        const { quantity, price, block, amount } = lineView(line, 'USD', VERSIONS);
        const twice = 2n * BigInt(quantity) * minor(price);
        const size = BigInt(block);
        // Rounded half up, and exact for the block 1 of credit lines.
        expect(size === 1n ? twice / 2n : (twice + size) / (2n * size)).toBe(minor(amount));
        expect(minor(amount)).toBe(line.amountMinor);
      }),
    );
  });

  test('states threshold and window only for damages', () => {
    const line = fc.sample(lines, 1)[0]!;
    const statedBy = (tariffVersionId: string) => {
      const { threshold, windowSeconds } = lineView({ ...line, tariffVersionId }, 'USD', VERSIONS);
      return [threshold, windowSeconds];
    };
    expect(statedBy('damages')).toEqual([500, 3600]);
    expect(statedBy('licence')).toEqual([null, null]);
    const credit = lineView(fc.sample(issued, 1)[0]!, 'USD', VERSIONS);
    expect([credit.threshold, credit.windowSeconds]).toEqual([null, null]);
  });
});

test('puts the amount of a void or rejected invoice in a separate column, so that the sum of the others is the amount owed', () => {
  const cellsOf = (status: InvoiceView['status']) => {
    const cells = invoiceCells({
      number: null,
      status,
      amount: '10.00',
      unique: null,
      rejection: null,
      tax: '0.00',
      payable: null,
      balance: null,
    } as InvoiceView);
    return Object.fromEntries(INVOICE_COLUMNS.map((name, at) => [name, cells[at]]));
  };
  for (const status of ['void', 'rejected'] as const) {
    expect(cellsOf(status)).toMatchObject({ amount: null, voidAmount: { figure: '10.00' } });
  }
  expect(cellsOf('issued')).toMatchObject({ amount: { figure: '10.00' }, voidAmount: null });
});
