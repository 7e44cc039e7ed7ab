/** Tax category, breakdown and totals of an e-invoice (BG-22, BG-23, BG-30) as trees. */

import type { IssuedDocument } from '../../invoice/document.ts';
import type { EInvoiceSyntax } from '../../invoice/issuing/e-invoice-facts.ts';
import { exemptionOf } from '../../invoice/issuing/e-invoice-facts.ts';
import type { Claim } from '../input.ts';
import { amountTree, isXRechnung, present, signOf, type Tree } from './tree.ts';

const VAT_SCHEME = { 'cac:TaxScheme': { 'cbc:ID': 'VAT' } };

/** BG-30. Category O has no rate on a line (BR-O-05). */
export function lineTax({ category, rateBp }: IssuedDocument['taxRule']): Tree {
  return present({
    'cbc:ID': category,
    'cbc:Percent': category === 'O' ? null : percent(rateBp),
    ...VAT_SCHEME,
  });
}

/** BG-22 and BG-23. The amounts are those of the ledger: net, tax, and their sum, which is payable. */
export function totalsTrees(format: EInvoiceSyntax, claim: Claim): Tree {
  const { invoice, document } = claim;
  const { currency } = invoice;
  const sign = signOf(claim);
  const net = sign * invoice.amountMinor;
  const tax = sign * invoice.taxMinor;
  return {
    'cac:TaxTotal': [
      {
        ...amountTree('cbc:TaxAmount', tax, currency),
        'cac:TaxSubtotal': [
          {
            ...amountTree('cbc:TaxableAmount', net, currency),
            ...amountTree('cbc:TaxAmount', tax, currency),
            'cac:TaxCategory': breakdownCategory(format, document),
          },
        ],
      },
    ],
    'cac:LegalMonetaryTotal': {
      ...amountTree('cbc:LineExtensionAmount', net, currency),
      ...amountTree('cbc:TaxExclusiveAmount', net, currency),
      ...amountTree('cbc:TaxInclusiveAmount', net + tax, currency),
      ...amountTree('cbc:PayableAmount', net + tax, currency),
    },
  };
}

/** XRechnung wants a rate in the breakdown with category O too (BR-DE-14). EN 16931 permits 0 there. */
function breakdownCategory(format: EInvoiceSyntax, document: IssuedDocument): Tree {
  const { code, reason } = exemptionOf(document);
  const { category, rateBp } = document.taxRule;
  return present({
    'cbc:ID': category,
    'cbc:Percent': category === 'O' && !isXRechnung(format) ? null : percent(rateBp),
    'cbc:TaxExemptionReasonCode': code,
    'cbc:TaxExemptionReason': reason,
    ...VAT_SCHEME,
  });
}

/** Hundredths of a percent as percent: 1900 is `19`. */
function percent(rateBp: number): string {
  return String(rateBp / 100);
}
