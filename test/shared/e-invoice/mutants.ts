/** Faults in e-invoices that the official rules find. Those that only our own check finds are in test/document/e-invoice. */

import type { EInvoiceSyntax } from '../../../src/invoice/issuing/e-invoice-facts.ts';
import { SAMPLES } from '../../document/e-invoice/samples.ts';

interface Mutant {
  readonly name: string;
  /** Position of the sample. */
  readonly base: number;
  readonly format: EInvoiceSyntax;
  readonly change: (xml: string) => string;
  readonly rule: string;
}

/** The first invoice of a tax category. */
function invoiceOf(category: string): number {
  return SAMPLES.findIndex(
    ({ claim }) => claim.invoice.kind === 'invoice' && claim.document.taxRule.category === category,
  );
}

const OUT_OF_SCOPE = invoiceOf('O');
const STANDARD = invoiceOf('S');

/** Adds a cent to the first amount of an element. */
function cent(element: string) {
  return (xml: string) =>
    xml.replace(
      new RegExp(`(<${element}[^>]*>)(-?\\d+)\\.(\\d\\d)<`),
      (_, start: string, whole: string, part: string) => {
        const minor = BigInt(whole + part) + 1n;
        return `${start}${minor / 100n}.${String(minor % 100n).padStart(2, '0')}<`;
      },
    );
}

const without = (pattern: RegExp) => (xml: string) => xml.replace(pattern, '');
const replaced = (from: string | RegExp, to: string) => (xml: string) => xml.replace(from, to);

const VAT_ID =
  '<cac:PartyTaxScheme><cbc:CompanyID>DE123456789</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>';

export const MUTANTS: readonly Mutant[] = [
  {
    ...{ name: 'a line that is a cent off', base: OUT_OF_SCOPE, format: 'ubl', rule: 'BR-CO-10' },
    change: cent('cbc:LineExtensionAmount'),
  },
  {
    ...{ name: 'a payable amount that is a cent off', base: OUT_OF_SCOPE, format: 'ubl', rule: 'BR-CO-16' },
    change: cent('cbc:PayableAmount'),
  },
  {
    ...{ name: 'a tax that is a cent off', base: STANDARD, format: 'cii', rule: 'BR-CO-15' },
    change: cent('ram:TaxTotalAmount'),
  },
  {
    ...{ name: 'a taxable amount that is a cent off', base: OUT_OF_SCOPE, format: 'cii', rule: 'BR-O-08' },
    change: cent('ram:BasisAmount'),
  },
  {
    ...{ name: 'a VAT id with category O', base: OUT_OF_SCOPE, format: 'ubl', rule: 'BR-O-02' },
    change: replaced('<cac:PartyTaxScheme>', `${VAT_ID}<cac:PartyTaxScheme>`),
  },
  {
    ...{ name: 'a rate on a line with category O', base: OUT_OF_SCOPE, format: 'cii', rule: 'BR-O-05' },
    change: replaced(
      '<ram:CategoryCode>O</ram:CategoryCode>',
      '<ram:CategoryCode>O</ram:CategoryCode><ram:RateApplicablePercent>0</ram:RateApplicablePercent>',
    ),
  },
  {
    ...{ name: 'category O without a reason', base: OUT_OF_SCOPE, format: 'ubl', rule: 'BR-O-10' },
    change: without(/<cbc:TaxExemptionReason(Code)?>[^<]*<\/cbc:TaxExemptionReason(Code)?>/g),
  },
  {
    ...{ name: 'a negative price', base: OUT_OF_SCOPE, format: 'ubl', rule: 'BR-27' },
    change: replaced(/(<cbc:PriceAmount[^>]*>)/, '$1-'),
  },
  {
    ...{ name: 'a seller without a country', base: OUT_OF_SCOPE, format: 'cii', rule: 'BR-09' },
    change: without(/<ram:CountryID>DE<\/ram:CountryID>/),
  },
  {
    ...{ name: 'a buyer without a country', base: OUT_OF_SCOPE, format: 'cii', rule: 'BR-11' },
    change: without(/<ram:CountryID>NL<\/ram:CountryID>/),
  },
  {
    ...{ name: 'a seller without a number', base: OUT_OF_SCOPE, format: 'cii', rule: 'BR-CO-26' },
    change: without(/<ram:SpecifiedLegalOrganization>[\s\S]*?<\/ram:SpecifiedLegalOrganization>/),
  },
  {
    ...{ name: 'standard rate of 0', base: STANDARD, format: 'ubl', rule: 'BR-S-05' },
    change: replaced(/<cbc:Percent>19</g, '<cbc:Percent>0<'),
  },
  {
    ...{ name: 'an XRechnung without a rate', base: OUT_OF_SCOPE, format: 'xrechnung-ubl', rule: 'BR-DE-14' },
    change: without(/<cbc:Percent>0<\/cbc:Percent>/),
  },
  {
    ...{
      name: 'an XRechnung without a reference',
      base: OUT_OF_SCOPE,
      format: 'xrechnung-cii',
      rule: 'BR-DE-15',
    },
    change: without(/<ram:BuyerReference>[^<]*<\/ram:BuyerReference>/),
  },
  {
    ...{
      name: 'an XRechnung without an account',
      base: OUT_OF_SCOPE,
      format: 'xrechnung-ubl',
      rule: 'BR-DE-1',
    },
    change: without(/<cac:PaymentMeans>[\s\S]*?<\/cac:PaymentMeans>/),
  },
  {
    ...{ name: 'a period that ends before it starts', base: OUT_OF_SCOPE, format: 'ubl', rule: 'BR-29' },
    change: replaced(/<cbc:EndDate>[^<]*</, '<cbc:EndDate>2025-01-01<'),
  },
  {
    ...{ name: 'a control character', base: OUT_OF_SCOPE, format: 'ubl', rule: 'XML' },
    change: replaced('Berlin', 'Ber\u0007lin'),
  },
];
