/**
 * The terms under which an invoice can be issued: seller, number series and tax. Refuses an invoice whose document
 * would lack what it must name, before a number is drawn.
 */

import { vatIdOf } from '../../seller/countries.ts';
import { DEFAULT_SELLER, type NumberSeries } from '../../seller/model.ts';
import { seriesFor } from '../../seller/series.ts';
import { type AppliedTax, taxGap, taxOfCorrection, taxRuleFor, untaxed } from '../../seller/tax.ts';
import type { Invoice } from '../model.ts';
import type { DocumentRefusal, KnownDetails } from '../outcome.ts';
import type { IssuingFacts, IssuingSeller } from './facts.ts';

export interface IssueTerms {
  readonly seller: IssuingSeller;
  readonly series: NumberSeries;
  readonly tax: AppliedTax;
  readonly taxMinor: bigint;
}

/** Returns the terms, or the refusal that names what is missing. */
export function issueTerms(
  invoice: Invoice,
  details: KnownDetails,
  facts: IssuingFacts,
  nowMs: number,
): { readonly kind: 'terms'; readonly terms: IssueTerms } | DocumentRefusal {
  const { seller } = facts;
  const gap = sellerGap(seller, facts);
  if (seller === null || gap !== null) return gap ?? noSeller();
  const tax = taxOfInvoice(invoice, seller, facts, nowMs);
  if (tax === null) return noTaxRule(invoice);
  const missing = taxGap(tax, seller, vatIdOf(details.taxId));
  if (missing !== null) return refusal('tax_data_missing', missing.field, missing.reason, missing.hint);
  const series = seriesFor(facts.series, seller.id, invoice.kind);
  if (series === null) {
    const reason = `the seller ${seller.id} has no number series for ${KIND_NAMES[invoice.kind]}`;
    return refusal('series_missing', 'series', reason, 'add a number series for them to the seller');
  }
  const { issuedNetMinor } = facts;
  if (issuedNetMinor + invoice.amountMinor < 0n) return exceeding();
  const taxMinor = taxOfCorrection(issuedNetMinor, invoice.amountMinor, tax.rateBp);
  return { kind: 'terms', terms: { seller, series, tax, taxMinor } };
}

const KIND_NAMES = { invoice: 'invoices', supplement: 'supplements', credit_note: 'credit notes' } as const;

/** A correction has the tax rule of the invoice that it corrects. */
function taxOfInvoice(
  { breachId }: Invoice,
  seller: IssuingSeller,
  { taxRules, corrected, buyer }: IssuingFacts,
  nowMs: number,
): AppliedTax | null {
  const claim = breachId === null ? 'licence' : 'damages';
  if (corrected !== null) return corrected.document?.taxRule ?? untaxed(claim);
  return taxRuleFor(taxRules, claim, seller.country, buyer.country, nowMs);
}

function sellerGap(seller: IssuingSeller | null, { corrected }: IssuingFacts): DocumentRefusal | null {
  if (seller === null) return noSeller();
  if (seller.archivedAtMs !== null && corrected === null) {
    const reason = `the seller ${seller.id} is archived`;
    return refusal('seller_incomplete', 'sellerId', reason, 'choose another seller for the client');
  }
  const hasAddress = isFilled(seller.address) || (isFilled(seller.street) && isFilled(seller.city));
  const missing = [
    ...(isFilled(seller.legalName) ? [] : ['legalName']),
    ...(hasAddress ? [] : ['address']),
    ...(isFilled(seller.country) ? [] : ['country']),
  ];
  if (missing.length === 0) return null;
  return refusal(
    'seller_incomplete',
    `seller.${missing[0]}`,
    `the seller ${seller.id} has no ${missing.join(', ')}`,
    `complete it with PATCH /v1/sellers/${seller.id} or postmeter sellers set, then issue the invoice`,
  );
}

function noSeller(): DocumentRefusal {
  const hint = `choose another seller for the client, or none for the seller ${DEFAULT_SELLER}`;
  return refusal('seller_incomplete', 'sellerId', 'the seller of the client does not exist', hint);
}

function noTaxRule({ breachId }: Invoice): DocumentRefusal {
  const claim = breachId === null ? 'licences' : 'damages';
  const reason = `no tax rule of the seller applies to ${claim} for a buyer in this country`;
  return refusal('tax_rule_missing', 'tax', reason, 'add a tax rule to the seller, then issue the invoice');
}

function exceeding(): DocumentRefusal {
  return refusal(
    'exceeds_remaining',
    'amount',
    'the credit note exceeds what remains of the invoices after manual credit notes',
    'take a manual credit note back with a manual supplement, then issue this credit note',
  );
}

function refusal(
  code: DocumentRefusal['code'],
  field: string,
  reason: string,
  hint: string,
): DocumentRefusal {
  return { kind: 'document_refused', code, field, reason, hint };
}

function isFilled(text: string | null): text is string {
  return text !== null && text.trim() !== '';
}
