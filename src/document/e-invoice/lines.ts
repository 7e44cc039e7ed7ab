/**
 * Lines of an e-invoice (BG-25) as trees. Quantity times price per base quantity, rounded half up, is the amount of
 * the ledger's line. A price is never negative (BR-27); the quantity has the sign.
 */

import type { InvoiceLine } from '../../invoice/model.ts';
import { utcDateOf } from '../../receivable/date.ts';
import { amountOf, pricedPosts } from '../../tariff/rating.ts';
import { dateText, postsText } from '../format.ts';
import type { Claim } from '../input.ts';
import { lineText } from '../line-texts.ts';
import { DOCUMENT_TEXTS } from '../texts/language-texts.ts';
import { lineTax } from './tax.ts';
import { amountTree, present, signOf, type Tree } from './tree.ts';

/** UN/ECE recommendation 20: one. Posts, blocks of posts, and whole claims are counted. */
const UNIT = 'C62';

interface PricedLine {
  readonly quantity: bigint;
  readonly priceMinor: bigint;
  /** The number of units that the price buys. */
  readonly base: bigint;
}

export function lineTrees(claim: Claim): Tree[] {
  return claim.invoice.lines.map((line, index) => lineTree(line, index, claim));
}

/** The first and last UTC date of a half-open span. */
export function datesOf(fromMs: number, toMs: number): Tree {
  return { 'cbc:StartDate': utcDateOf(fromMs), 'cbc:EndDate': utcDateOf(Math.max(fromMs, toMs - 1)) };
}

function lineTree(line: InvoiceLine, index: number, claim: Claim): Tree {
  const { currency } = claim.invoice;
  const { quantity, priceMinor, base } = pricedLine(line, claim);
  return present({
    'cbc:ID': String(index + 1),
    'cbc:InvoicedQuantity': String(quantity),
    'cbc:InvoicedQuantity@unitCode': UNIT,
    ...amountTree('cbc:LineExtensionAmount', signOf(claim) * line.amountMinor, currency),
    'cac:InvoicePeriod': datesOf(line.fromMs, line.toMs),
    'cac:Item': present({
      'cbc:Name': nameOf(line, claim),
      'cbc:Description': descriptionOf(line, claim),
      'cac:ClassifiedTaxCategory': lineTax(claim.document.taxRule),
    }),
    'cac:Price': {
      ...amountTree('cbc:PriceAmount', priceMinor, currency),
      'cbc:BaseQuantity': String(base),
      'cbc:BaseQuantity@unitCode': UNIT,
    },
  });
}

/**
 * Posts at the price of a block, if prorated; blocks at their price, if rounded to blocks; otherwise one unit at the
 * whole amount: an offset or a credit.
 */
function pricedLine(line: InvoiceLine, claim: Claim): PricedLine {
  const { posts, priceMinor, block, amountMinor } = line;
  const sign = signOf(claim);
  if (isRated(line, claim)) {
    if (line.rounding === 'prorated')
      return { quantity: sign * BigInt(posts), priceMinor, base: BigInt(block) };
    return { quantity: sign * BigInt(pricedPosts(line) / block), priceMinor, base: 1n };
  }
  const amount = sign * amountMinor;
  return amount < 0n
    ? { quantity: -1n, priceMinor: -amount, base: 1n }
    : { quantity: 1n, priceMinor: amount, base: 1n };
}

/** True if the line's amount is that of its posts at its price. */
function isRated(line: InvoiceLine, { invoice: { currency } }: Claim): boolean {
  return line.kind === 'charge' && amountOf(line.posts, { ...line, currency }) === line.amountMinor;
}

/** A credit note takes back the document that an offset line deducts, so its name has no "less". */
function nameOf(line: InvoiceLine, claim: Claim): string {
  const texts = DOCUMENT_TEXTS[claim.document.language];
  const offset = claim.offsets[line.offsetsInvoiceId ?? ''];
  if (offset === undefined || signOf(claim) > 0n) return lineText(claim, line, texts).title;
  const { displayNumber, issuedOn, kind } = offset;
  const number = texts.invoice.correctsOf(displayNumber, dateText(issuedOn, texts.signs));
  return `${texts.dunning.rowKinds[kind]} ${number}`;
}

/** A line for each fact: posts, span and peak, price and rounding, or the reason of a correction by hand. */
function descriptionOf(line: InvoiceLine, claim: Claim): string | null {
  const texts = DOCUMENT_TEXTS[claim.document.language];
  const { details, price } = lineText(claim, line, texts);
  const posts = line.kind === 'charge' ? [postsText(line.posts, texts.signs)] : [];
  const facts = [...posts, ...details, ...price];
  return facts.length === 0 ? null : facts.join('\n');
}
