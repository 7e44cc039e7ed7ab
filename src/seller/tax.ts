/** Which tax rule applies to an invoice, what the rule needs to be printed, and the tax of an amount. */

import { isInEu } from './countries.ts';
import type { BuyerScope, ClaimKind, TaxRule } from './model.ts';

/** What an invoice prints of its tax rule. */
export type AppliedTax = Omit<TaxRule, 'id' | 'sellerId' | 'validFromMs'>;

/** What prevents a tax rule from being printed. */
export interface TaxGap {
  readonly field: 'seller.vatId' | 'buyer.taxId' | 'tax';
  readonly reason: string;
  readonly hint: string;
}

/** For corrections of invoices that are older than tax rules. */
export function untaxed(appliesTo: ClaimKind): AppliedTax {
  return {
    ...{ appliesTo, buyerScope: 'any', category: 'O', rateBp: 0, exemptionCode: 'VATEX-EU-O' },
    reason: {
      en: 'The invoice that this one corrects was issued without tax.',
      de: 'Die berichtigte Rechnung wurde ohne Steuer ausgestellt.',
      fr: 'La facture corrigée a été émise sans taxe.',
      es: 'La factura corregida se emitió sin impuesto.',
    },
  };
}

/** Returns the rule of the narrowest scope that fits, and of that scope the latest that is in force; null: none. */
export function taxRuleFor(
  rules: readonly TaxRule[],
  claim: ClaimKind,
  sellerCountry: string | null,
  buyerCountry: string | null,
  atMs: number,
): TaxRule | null {
  const inForce = rules.filter((rule) => rule.appliesTo === claim && rule.validFromMs <= atMs);
  for (const scope of scopesOf(sellerCountry, buyerCountry)) {
    const [latest] = inForce
      .filter((rule) => rule.buyerScope === scope)
      .sort((a, b) => b.validFromMs - a.validFromMs);
    if (latest !== undefined) return latest;
  }
  return null;
}

/** Narrowest first. A buyer in another member state is not `abroad` for a seller in the Union. */
function scopesOf(seller: string | null, buyer: string | null): BuyerScope[] {
  if (buyer === null || seller === null) return ['any'];
  if (buyer === seller) return ['domestic', 'any'];
  if (!isInEu(buyer)) return ['abroad', 'any'];
  return isInEu(seller) ? ['eu', 'any'] : ['eu', 'abroad', 'any'];
}

/** Returns what the category needs and the parties lack (EN 16931, BR-S-02 to BR-O-10); null if nothing is missing. */
export function taxGap(
  { category, reason, exemptionCode }: AppliedTax,
  seller: { readonly vatId: string | null; readonly taxId: string | null },
  buyerVatId: string | null,
): TaxGap | null {
  const isExplained = exemptionCode !== null || Object.keys(reason).length > 0;
  if (['O', 'E', 'AE', 'G', 'K'].includes(category) && !isExplained) {
    return {
      field: 'tax',
      reason: `category ${category} needs the reason why no tax is charged`,
      hint: 'add a tax rule with a reason',
    };
  }
  const needsVatId = ['S', 'AE', 'G', 'K'].includes(category);
  const hasTaxId = seller.vatId !== null || (!needsVatId && seller.taxId !== null);
  if (category !== 'O' && !hasTaxId) {
    return {
      field: 'seller.vatId',
      reason: `category ${category} needs the VAT id of the seller`,
      hint: "add the seller's VAT id, or choose another tax rule",
    };
  }
  if ((category === 'AE' || category === 'K') && buyerVatId === null) {
    return {
      field: 'buyer.taxId',
      reason: `category ${category} needs the VAT id of the buyer, which begins with its country`,
      hint: "add the client's tax id, such as DE123456789, or choose another tax rule",
    };
  }
  return null;
}

/** The tax of a net amount that is not negative, in minor units: half up of net x rate / 10,000. */
export function taxOf(netMinor: bigint, rateBp: number): bigint {
  return (netMinor * BigInt(rateBp) + 5000n) / 10_000n;
}

/**
 * The tax of an invoice of `netMinor` after invoices of `beforeMinor` in the same matter. The taxes of the matter thus
 * sum to the tax of its net amount. `beforeMinor` and the sum of both must not be negative.
 */
export function taxOfCorrection(beforeMinor: bigint, netMinor: bigint, rateBp: number): bigint {
  return taxOf(beforeMinor + netMinor, rateBp) - taxOf(beforeMinor, rateBp);
}
