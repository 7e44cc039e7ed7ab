/** Each sample, written by the library and read back, states the terms of the ledger. */

import { describe, expect, it } from 'vitest';
import { eInvoiceOf } from '../../../src/adapters/node/e-invoice.ts';
import { decimalMoney } from '../../../src/document/format.ts';
import type { Claim } from '../../../src/document/input.ts';
import { DOCUMENT_TEXTS } from '../../../src/document/texts/language-texts.ts';
import { formatMoney } from '../../../src/tariff/money.ts';
import { type ReadInvoice, readEInvoice } from './reader.ts';
import { SAMPLES } from './samples.ts';

const DAY = (atMs: number) => new Date(atMs).toISOString().slice(0, 10);

/** The header as the ledger has it, without the terms that depend on the format. */
function expectedHead({ invoice, document }: Claim) {
  const isCredit = invoice.kind === 'credit_note';
  const sign = isCredit ? -1n : 1n;
  const text = (minor: bigint) => formatMoney(sign * minor, invoice.currency);
  const { seller, buyer, taxRule, bank } = document;
  const vat = (id: string | null) => (taxRule.category === 'O' ? '' : (id ?? ''));
  const isSepa = invoice.currency === 'EUR';
  return {
    number: document.displayNumber,
    type: isCredit ? '381' : '380',
    issuedOn: '2026-03-01',
    dueOn: isCredit ? '' : '2026-03-31',
    currency: invoice.currency,
    buyerReference: buyer.buyerReference,
    order: buyer.orderNumber ?? '',
    corrects: document.corrects?.displayNumber ?? '',
    correctsOn: document.corrects?.issuedOn ?? '',
    from: DAY(Math.min(...invoice.lines.map((line) => line.fromMs))),
    to: DAY(Math.max(...invoice.lines.map((line) => line.toMs)) - 1),
    seller: {
      ...{
        name: seller.legalName,
        country: 'DE',
        city: 'Berlin',
        postcode: '10115',
        line1: 'Beispielweg 1',
        line2: '',
      },
      ...{ registerId: 'HRB 123456 B', vatId: vat('DE123456789'), taxId: '29/123/45678' },
      ...{ endpoint: 'billing@seller.example', scheme: 'EM' },
    },
    buyer: {
      ...{ name: buyer.legalName, country: 'NL', city: 'Amsterdam', postcode: '1011 AA' },
      ...{
        line1: '1 Example Street',
        line2: 'Building 7',
        registerId: '',
        vatId: vat('NL123456789B01'),
        taxId: '',
      },
      ...{ endpoint: 'ap@globex.example', scheme: 'EM' },
    },
    means: isCredit ? '97' : isSepa ? '58' : '30',
    account: isCredit ? '' : isSepa ? bank?.iban : bank?.accountNumber,
    reference: document.paymentReference,
    category: taxRule.category,
    taxable: text(invoice.amountMinor),
    categoryTax: text(invoice.taxMinor),
    lineTotal: text(invoice.amountMinor),
    net: text(invoice.amountMinor),
    tax: text(invoice.taxMinor),
    gross: text(invoice.amountMinor + invoice.taxMinor),
    payable: text(invoice.amountMinor + invoice.taxMinor),
  };
}

function expectedLines({ invoice, document }: Claim) {
  const sign = invoice.kind === 'credit_note' ? -1n : 1n;
  const { category, rateBp } = document.taxRule;
  return invoice.lines.map((line, at) => ({
    id: String(at + 1),
    amount: formatMoney(sign * line.amountMinor, invoice.currency),
    from: DAY(line.fromMs),
    to: DAY(line.toMs - 1),
    unit: 'C62',
    category,
    rate: category === 'O' ? '' : String(rateBp / 100),
  }));
}

/** Quantity times price per base quantity in minor units, half away from zero. */
function priced({ quantity, price, base }: ReadInvoice['lines'][number]): bigint {
  const product = BigInt(quantity) * BigInt(price.replace('.', ''));
  const size = product < 0n ? -product : product;
  const rounded = (2n * size + BigInt(base)) / (2n * BigInt(base));
  return product < 0n ? -rounded : rounded;
}

const FORMATS = ['cii', 'ubl', 'xrechnung-cii', 'xrechnung-ubl'] as const;

describe('the terms of an e-invoice read back', () => {
  // Each e-invoice takes 0.2 s of CPU, so each sample is in one format. test/shared has each in both syntaxes.
  const cases = SAMPLES.map((sample, at) => ({ ...sample, format: FORMATS[(at + (at >> 2)) % 4]! }));

  it('come from 40 samples in all formats', () => {
    expect(SAMPLES).toHaveLength(40);
    expect(new Set(cases.map(({ format }) => format))).toEqual(new Set(FORMATS));
  });

  it.each(cases)('$name as $format', { timeout: 30_000 }, async ({ claim, format }) => {
    const { lines, note, rate, terms, exemption, customization, ...head } = readEInvoice(
      await eInvoiceOf(format, claim),
    );
    expect(head).toEqual(expectedHead(claim));
    expect(lines.map(({ name, description, quantity, price, base, ...line }) => line)).toEqual(
      expectedLines(claim),
    );
    const sign = claim.invoice.kind === 'credit_note' ? -1n : 1n;
    expect(lines.map(priced)).toEqual(claim.invoice.lines.map((line) => sign * line.amountMinor));
    const { category, rateBp } = claim.document.taxRule;
    const isXRechnung = format.startsWith('xrechnung');
    expect(rate).toBe(category === 'O' && !isXRechnung ? '' : String(rateBp / 100));
    expect(exemption === '').toBe(category === 'S' || category === 'Z');
    expect(customization.includes('xrechnung')).toBe(isXRechnung);
    expect(terms).not.toBe('');
    expect(note).toContain('a1'.repeat(32));
    expect(note).toContain("X's terms of service");
    for (const { legalName } of claim.document.coDebtors) expect(note).toContain(legalName);
    for (const { amount } of claim.document.readings) {
      const { signs } = DOCUMENT_TEXTS[claim.document.language];
      expect(note).toContain(decimalMoney(amount!, claim.invoice.currency, signs));
    }
    if (claim.invoice.origin === 'manual') expect(lines[0]!.description).toContain('A & B <agreed>');
  });
});
