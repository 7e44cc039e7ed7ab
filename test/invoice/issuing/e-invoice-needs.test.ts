import { describe, expect, it } from 'vitest';
import { eInvoiceTree } from '../../../src/document/e-invoice/build.ts';
import { inexactFigures } from '../../../src/document/e-invoice/exact.ts';
import type { Claim } from '../../../src/document/input.ts';
import type { IssuedDocument } from '../../../src/invoice/document.ts';
import type { EInvoiceSyntax } from '../../../src/invoice/issuing/e-invoice-facts.ts';
import { eInvoiceFaults } from '../../../src/invoice/issuing/e-invoice-needs.ts';
import type { TaxCategory } from '../../../src/seller/model.ts';
import { SAMPLE_SPECS, SAMPLES, sampleOf } from '../../document/e-invoice/samples.ts';

const FORMATS = ['cii', 'ubl', 'xrechnung-cii', 'xrechnung-ubl'] as const;

/** An invoice of a tax category in EUR. */
function claimOf(tax: (typeof SAMPLE_SPECS)[number]['tax'] = ['O', 0]): Claim {
  return sampleOf({ ...SAMPLE_SPECS[0]!, tax, currency: 'EUR' }, 0).claim;
}

function fieldsOf(
  format: EInvoiceSyntax,
  change: (document: IssuedDocument) => Partial<IssuedDocument>,
  claim = claimOf(),
): string[] {
  const document = { ...claim.document, ...change(claim.document) };
  return eInvoiceFaults(format, { ...claim, document }).map(({ field }) => field);
}

const buyer = (fields: Partial<IssuedDocument['buyer']>) => (document: IssuedDocument) => ({
  buyer: { ...document.buyer, ...fields },
});
const seller = (fields: Partial<IssuedDocument['seller']>) => (document: IssuedDocument) => ({
  seller: { ...document.seller, ...fields },
});

describe('what an e-invoice lacks', () => {
  it('is nothing in the samples, whose figures agree', () => {
    for (const { claim } of SAMPLES) {
      for (const format of FORMATS) {
        expect(eInvoiceFaults(format, claim)).toEqual([]);
        expect(inexactFigures(eInvoiceTree(format, claim))).toEqual([]);
      }
    }
  });

  it.each([
    ['buyer.country', 'cii', buyer({ country: null })],
    ['buyer.country', 'cii', buyer({ country: 'Germany' })],
    ['buyer.legalName', 'cii', buyer({ legalName: ' ' })],
    ['seller.country', 'ubl', seller({ country: null })],
    ['buyer.electronicAddress', 'ubl', buyer({ email: null })],
    ['buyer.electronicScheme', 'ubl', buyer({ electronicAddress: '4012345000009' })],
    ['seller.registerId', 'cii', seller({ registerId: null, taxId: null })],
    ['buyer.city', 'xrechnung-ubl', buyer({ city: null })],
    ['buyer.postcode', 'xrechnung-cii', buyer({ postcode: null })],
    ['buyer.buyerReference', 'xrechnung-cii', buyer({ buyerReference: null })],
    ['seller.contact', 'xrechnung-ubl', seller({ contact: null })],
    ['seller.phone', 'xrechnung-ubl', seller({ phone: '' })],
    ['bank', 'xrechnung-ubl', () => ({ bank: null })],
    ['clause.text', 'cii', ({ clause }) => ({ clause: { ...clause!, text: 'a\u0007b' } })],
    ['buyer.city', 'cii', buyer({ city: '\ud800' })],
  ] as [string, EInvoiceSyntax, (document: IssuedDocument) => Partial<IssuedDocument>][])(
    'is named: %s for %s',
    (field, format, change) => {
      expect(fieldsOf(format, change)).toEqual([field]);
    },
  );

  it.each([
    ['city', buyer({ city: null })],
    ['buyer reference', buyer({ buyerReference: null })],
    ['contact', seller({ contact: null, phone: null })],
    ['bank account', () => ({ bank: null })],
    ['electronic address', buyer({ email: null })],
  ] as [string, (document: IssuedDocument) => Partial<IssuedDocument>][])(
    'is not a %s in a CII',
    (_name, change) => {
      expect(fieldsOf('cii', change)).toEqual([]);
    },
  );

  it.each([
    ['seller.vatId', 'S', 1900, seller({ vatId: null, taxId: null })],
    ['seller.vatId', 'G', 0, seller({ vatId: null })],
    ['buyer.vatId', 'K', 0, buyer({ vatId: null })],
    ['buyer.vatId', 'AE', 0, buyer({ vatId: null })],
    ['taxRule.rateBp', 'S', 0, () => ({})],
    ['taxRule.rateBp', 'O', 1900, () => ({})],
    ['taxRule.reason', 'E', 0, ({ taxRule }) => ({ taxRule: { ...taxRule, reason: {} } })],
  ] as [string, TaxCategory, number, (document: IssuedDocument) => Partial<IssuedDocument>][])(
    'is named by the tax category: %s for %s at %d',
    (field, category, rateBp, change) => {
      expect(fieldsOf('cii', change, claimOf([category, rateBp]))).toEqual([field]);
    },
  );

  it('is a currency with two decimal places if the currency has three', () => {
    const { claim } = sampleOf({ ...SAMPLE_SPECS[0]!, currency: 'KWD' }, 0);
    expect(eInvoiceFaults('cii', claim)).toEqual([
      {
        field: 'currency',
        reason: 'KWD has 3 decimal places; an amount of EN 16931 has at most 2',
        hint: 'use the PDF, and set `eInvoice` of the client to `none`',
      },
    ]);
  });

  it('is the corrected invoice of a credit note without one', () => {
    const { claim } = SAMPLES.find(({ claim: { invoice } }) => invoice.kind === 'credit_note')!;
    expect(fieldsOf('cii', () => ({ corrects: null }), claim)).toEqual(['corrects']);
  });
});
