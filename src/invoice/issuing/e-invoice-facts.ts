/** Facts of an e-invoice that the document of an invoice has in another field, or that follow from its tax category. */

import { textIn } from '../../seller/language.ts';
import type { EInvoiceFormat, Party, TaxCategory } from '../../seller/model.ts';
import type { IssuedDocument } from '../document.ts';

/** The syntaxes. Factur-X is a CII in a PDF. */
export type EInvoiceSyntax = Exclude<EInvoiceFormat, 'none' | 'facturx'>;

/** The reasons of categories that need one, for rules without a reason of their own (code list VATEX). */
const EXEMPTION_CODES: Readonly<Partial<Record<TaxCategory, string>>> = {
  AE: 'VATEX-EU-AE',
  G: 'VATEX-EU-G',
  K: 'VATEX-EU-IC',
  O: 'VATEX-EU-O',
};
/** Standard and zero rate forbid a reason (BR-S-10, BR-Z-10). */
const IS_TAXED: ReadonlySet<TaxCategory> = new Set(['S', 'Z']);

/** The tax number takes the place of a missing register number, because BR-CO-26 wants an identifier. */
export function sellerIdentifier(seller: Party): string | null {
  return seller.registerId ?? seller.taxId;
}

/** BT-34 and BT-49 with their scheme. Without an electronic address it is the mail address. */
export function electronicAddressOf({ electronicAddress, electronicScheme, email }: Party): {
  readonly address: string | null;
  readonly scheme: string | null;
} {
  if (electronicAddress !== null) return { address: electronicAddress, scheme: electronicScheme };
  return { address: email, scheme: email === null ? null : 'EM' };
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
