/** The lines of an invoice as people read them: what was billed, and what earlier invoices already charged. */

import type { RatedBreach } from '../tariff/breach.ts';
import type { RatedMonth } from '../tariff/licence.ts';
import type { RatedLine } from '../tariff/lines.ts';
import { formatMoney } from '../tariff/money.ts';
import type { CountUnit } from '../tariff/tariff.ts';
import { printedNumber } from './document.ts';
import type { Invoice, InvoiceLine } from './model.ts';

export function damagesLines(breach: RatedBreach): InvoiceLine[] {
  const { peakPosts, peakAtMs } = breach;
  const what = (counted: string) =>
    `${counted} in a breach of the limit of posts in any ${duration(breach.windowMs)}`;
  return breach.lines.map((line) => ({ ...invoiceLine(line, what), peakPosts, peakAtMs }));
}

export function licenceLines(month: RatedMonth): InvoiceLine[] {
  const name = new Date(month.monthMs).toISOString().slice(0, 7);
  const what = (counted: string) =>
    `${counted} in ${name} beyond the ${month.included} that the licence includes`;
  return month.lines.map((line) => invoiceLine(line, what));
}

/** Returns the line that deducts an issued invoice, so that a supplement or credit note totals the difference. */
export function offsetLine(issued: Invoice): InvoiceLine {
  const name = { invoice: 'invoice', supplement: 'supplement', credit_note: 'credit note' }[issued.kind];
  const [first] = issued.lines;
  return {
    kind: 'offset',
    offsetsInvoiceId: issued.id,
    tariffVersionId: first!.tariffVersionId,
    description: `Less ${name} ${printedNumber(issued)}`,
    fromMs: Math.min(...issued.lines.map((line) => line.fromMs)),
    toMs: Math.max(...issued.lines.map((line) => line.toMs)),
    posts: -issued.lines.reduce((sum, line) => sum + line.posts, 0),
    priceMinor: 0n,
    block: 1,
    rounding: 'prorated',
    amountMinor: -issued.amountMinor,
    peakPosts: null,
    peakAtMs: null,
    correctsLine: null,
    reason: null,
  };
}

const COUNTED: Readonly<Record<CountUnit, string>> = {
  deliveries: 'Posts',
  unique: 'Posts (each once a UTC day by its id, those without a known id by delivery)',
};

function invoiceLine(line: RatedLine, what: (counted: string) => string): InvoiceLine {
  const { tariffVersionId, fromMs, toMs, posts, priceMinor, block, rounding, amountMinor } = line;
  const price = `${line.currency} ${formatMoney(priceMinor, line.currency)} per ${block} posts, ${rounding}`;
  return {
    kind: 'charge',
    offsetsInvoiceId: null,
    tariffVersionId,
    description: `${what(COUNTED[line.count])}, ${price}`,
    fromMs,
    toMs,
    posts,
    priceMinor,
    block,
    rounding,
    amountMinor,
    peakPosts: null,
    peakAtMs: null,
    correctsLine: null,
    reason: null,
  };
}

function duration(windowMs: number): string {
  const hours = windowMs / 3_600_000;
  return Number.isInteger(hours) ? `${hours} hours` : `${windowMs / 1000} seconds`;
}
