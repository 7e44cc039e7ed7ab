/** Faults that pass the official rules, found by our own check. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eInvoiceTree } from '../../../src/document/e-invoice/build.ts';
import { inexactFigures } from '../../../src/document/e-invoice/exact.ts';
import type { Tree } from '../../../src/document/e-invoice/tree.ts';
import type { Invoice, InvoiceLine } from '../../../src/invoice/model.ts';
import { amountOf } from '../../../src/tariff/rating.ts';
import { draws } from '../../support/draws.ts';
import { SAMPLES } from './samples.ts';

// biome-ignore lint/suspicious/noExplicitAny: any tree of the library; each test changes what it names
type Mutable = any;

function faultsOf(kind: 'invoice' | 'credit_note', change: (invoice: Mutable) => void): string[] {
  const { claim } = SAMPLES.find((sample) => sample.claim.invoice.kind === kind)!;
  const tree = structuredClone(eInvoiceTree('ubl', claim)) as Mutable;
  expect(inexactFigures(tree as Tree)).toEqual([]);
  change(tree['ubl:Invoice']);
  return inexactFigures(tree as Tree);
}

describe('figures that the official rules accept', () => {
  it('include a line that is not quantity times price', () => {
    const faults = faultsOf('invoice', (invoice) => {
      invoice['cac:InvoiceLine'][0]['cbc:InvoicedQuantity'] = '1234579';
    });
    expect(faults).toEqual(['the amount of line 1 is not quantity times price']);
  });

  it('include a tax in the breakdown that is a cent off', () => {
    const faults = faultsOf('invoice', (invoice) => {
      invoice['cac:TaxTotal'][0]['cac:TaxSubtotal'][0]['cbc:TaxAmount'] = '0.01';
    });
    expect(faults).toEqual(['the tax of the breakdown is not the tax']);
  });

  it('include a missing due date', () => {
    const faults = faultsOf('invoice', (invoice) => {
      delete invoice['cbc:DueDate'];
    });
    expect(faults).toEqual(['the invoice has no due date']);
  });

  it('include a credit note that names no invoice', () => {
    const faults = faultsOf('credit_note', (invoice) => {
      delete invoice['cac:BillingReference'];
    });
    expect(faults).toEqual(['the credit note names no invoice']);
  });

  it('include a negative credit note', () => {
    const faults = faultsOf('credit_note', (invoice) => {
      for (const line of invoice['cac:InvoiceLine']) {
        negate(line, 'cbc:InvoicedQuantity');
        negate(line, 'cbc:LineExtensionAmount');
      }
      for (const name of Object.keys(invoice['cac:LegalMonetaryTotal'])) {
        if (!name.includes('@')) negate(invoice['cac:LegalMonetaryTotal'], name);
      }
      const [tax] = invoice['cac:TaxTotal'];
      negate(tax, 'cbc:TaxAmount');
      negate(tax['cac:TaxSubtotal'][0], 'cbc:TaxableAmount');
      negate(tax['cac:TaxSubtotal'][0], 'cbc:TaxAmount');
    });
    expect(faults).toEqual(['the payable amount is negative']);
  });

  it('include a negative price', () => {
    const faults = faultsOf('invoice', (invoice) => {
      negate(invoice['cac:InvoiceLine'][0]['cac:Price'], 'cbc:PriceAmount');
    });
    expect(faults).toEqual(['the price of line 1 is negative']);
  });
});

const rated = fc.record({
  posts: fc.integer({ min: 0, max: 2 ** 40 }),
  priceMinor: fc.bigInt({ min: 0n, max: 10n ** 9n }),
  block: fc.integer({ min: 1, max: 10_000_000 }),
  rounding: fc.constantFrom('prorated', 'completed', 'started'),
});

it('figures of any lines agree to the minor unit', () => {
  const { claim } = SAMPLES[0]!;
  const [first] = claim.invoice.lines;
  const currencies = fc.constantFrom('USD', 'JPY');
  fc.assert(
    fc.property(
      fc.array(rated, { minLength: 1 }),
      fc.bigInt(-999_999n, 999_999n),
      currencies,
      (terms, rest, currency) => {
        const charges = terms.map((term): InvoiceLine => {
          return { ...first!, ...term, amountMinor: amountOf(term.posts, { ...term, currency }) };
        });
        const offset: InvoiceLine = {
          ...first!,
          kind: 'offset',
          offsetsInvoiceId: 'corrected',
          amountMinor: 0n,
        };
        const due = charges.reduce((sum, line) => sum + line.amountMinor, 0n);
        const lines = [...charges, { ...offset, amountMinor: rest - due }];
        const kind = rest < 0n ? 'credit_note' : 'supplement';
        const invoice: Invoice = {
          ...claim.invoice,
          kind,
          currency,
          lines,
          amountMinor: rest,
          taxMinor: rest / 5n,
        };
        const corrects = { id: 'corrected', displayNumber: 'PM-1', issuedOn: '2026-02-20' };
        const tree = eInvoiceTree('ubl', { ...claim, invoice, document: { ...claim.document, corrects } });
        expect(inexactFigures(tree)).toEqual([]);
      },
    ),
    { numRuns: draws(200) },
  );
});

function negate(of: Mutable, name: string): void {
  of[name] = of[name].startsWith('-') ? of[name].slice(1) : `-${of[name]}`;
}
