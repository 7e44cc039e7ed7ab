/** Tax category, breakdown and totals of an e-invoice (BG-22, BG-23, BG-30) as trees. */

import type { IssuedDocument } from '../../invoice/document.ts';
import { textIn } from '../../seller/language.ts';
import type { TaxCategory } from '../../seller/model.ts';
import type { Claim } from '../input.ts';
import { amountTree, isXRechnung, present, signOf, type Tree, type XmlFormat } from './tree.ts';

/** The reasons of categories that need one, for rules without a reason of their own (code list VATEX). */
const EXEMPTION_CODES: Readonly<Partial<Record<TaxCategory, string>>> = {
  AE: 'VATEX-EU-AE',
  G: 'VATEX-EU-G',
  K: 'VATEX-EU-IC',
  O: 'VATEX-EU-O',
};
/** Standard and zero rate forbid a reason (BR-S-10, BR-Z-10). */
const IS_TAXED: ReadonlySet<TaxCategory> = new Set(['S', 'Z']);
const VAT_SCHEME = { 'cac:TaxScheme': { 'cbc:ID': 'VAT' } };

/** BG-30. Category O has no rate on a line (BR-O-05). */
export function lineTax({ category, rateBp }: IssuedDocument['taxRule']): Tree {
  return present({
    'cbc:ID': category,
    'cbc:Percent': category === 'O' ? null : percent(rateBp),
    ...VAT_SCHEME,
  });
}

/** Why no tax is charged. Both null: the category needs none, or the rule has none. */
export function exemptionOf({ taxRule, language }: IssuedDocument): {
  readonly code: string | null;
  readonly reason: string | null;
} {
  if (IS_TAXED.has(taxRule.category)) return { code: null, reason: null };
  const code = taxRule.exemptionCode ?? EXEMPTION_CODES[taxRule.category] ?? null;
  return { code, reason: textIn(taxRule.reason, language) };
}

/** BG-22 and BG-23. The amounts are those of the ledger: net, tax, and their sum, which is payable. */
export function totalsTrees(format: XmlFormat, claim: Claim): Tree {
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
function breakdownCategory(format: XmlFormat, document: IssuedDocument): Tree {
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
