/**
 * Lines of an e-invoice (BG-25) as trees. Quantity times price per base quantity, rounded half up, is the amount of
 * the ledger's line. A price is never negative (BR-27); the quantity has the sign.
 */

import type { InvoiceLine } from '../../invoice/model.ts';
import { formatMoney } from '../../tariff/money.ts';
import { amountOf, pricedPosts } from '../../tariff/rating.ts';
import { lineTax } from './tax.ts';
import { E_INVOICE_TEXTS } from './texts.ts';
import { amountTree, type EInvoiceSource, present, signOf, type Tree } from './tree.ts';

/** UN/ECE recommendation 20: one. Posts, blocks of posts, and whole claims are counted. */
const UNIT = 'C62';

interface PricedLine {
  readonly quantity: bigint;
  readonly priceMinor: bigint;
  /** The number of units that the price buys. */
  readonly base: bigint;
}

export function lineTrees(source: EInvoiceSource): Tree[] {
  return source.invoice.lines.map((line, index) => lineTree(line, index, source));
}

/** The first and last UTC date of a half-open span. */
export function datesOf(fromMs: number, toMs: number): Tree {
  return { 'cbc:StartDate': dateOf(fromMs), 'cbc:EndDate': dateOf(Math.max(fromMs, toMs - 1)) };
}

function dateOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

function lineTree(line: InvoiceLine, index: number, source: EInvoiceSource): Tree {
  const { currency } = source.invoice;
  const { quantity, priceMinor, base } = pricedLine(line, source);
  return present({
    'cbc:ID': String(index + 1),
    'cbc:InvoicedQuantity': String(quantity),
    'cbc:InvoicedQuantity@unitCode': UNIT,
    ...amountTree('cbc:LineExtensionAmount', signOf(source) * line.amountMinor, currency),
    'cac:InvoicePeriod': datesOf(line.fromMs, line.toMs),
    'cac:Item': present({
      'cbc:Name': nameOf(line, source),
      'cbc:Description': descriptionOf(line, source),
      'cac:ClassifiedTaxCategory': lineTax(source.document.taxRule),
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
function pricedLine(line: InvoiceLine, source: EInvoiceSource): PricedLine {
  const { posts, priceMinor, block, amountMinor } = line;
  const sign = signOf(source);
  if (isRated(line, source)) {
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
function isRated(line: InvoiceLine, { invoice: { currency } }: EInvoiceSource): boolean {
  return line.kind === 'charge' && amountOf(line.posts, { ...line, currency }) === line.amountMinor;
}

function nameOf(line: InvoiceLine, source: EInvoiceSource): string {
  const { document, offsets } = source;
  const texts = E_INVOICE_TEXTS[document.language];
  if (line.kind === 'charge') return texts.claim[document.taxRule.appliesTo];
  if (line.kind === 'credit') return texts.credit;
  const offset = offsets[line.offsetsInvoiceId ?? ''];
  if (offset === undefined) return line.description;
  const name = texts.documentName[offset.kind](offset.displayNumber);
  return signOf(source) < 0n ? texts.reversal(name) : texts.less(name);
}

/** The reason of a correction by hand, or the price in words. Null for an offset. */
function descriptionOf(line: InvoiceLine, source: EInvoiceSource): string | null {
  if (line.reason !== null) return line.reason;
  if (!isRated(line, source)) return null;
  const { currency } = source.invoice;
  const price = `${currency} ${formatMoney(line.priceMinor, currency)}`;
  return E_INVOICE_TEXTS[source.document.language].rated[line.rounding](line.posts, price, line.block);
}
