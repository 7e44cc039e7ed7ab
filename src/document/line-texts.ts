/** The lines of an invoice in words, from their fields and tariff. The line's own description is English and not used. */

import type { InvoiceLine } from '../invoice/model.ts';
import type { Tariff } from '../tariff/tariff.ts';
import { dateText, durationText, minorMoney, momentText, monthText, postsText } from './format.ts';
import type { Claim } from './input.ts';
import type { DocumentTexts } from './texts/texts.ts';

export interface LineText {
  readonly title: string;
  /** Further facts, one a line. */
  readonly details: readonly string[];
  /** Price and rounding; empty for a line without a price of its own. */
  readonly price: readonly string[];
}

/** The tariff that a line was priced by; null if the input does not name it. */
export function tariffOf(claim: Claim, line: InvoiceLine): Tariff | null {
  return claim.tariffs.find(({ id }) => id === line.tariffVersionId)?.tariff ?? null;
}

export function lineText(claim: Claim, line: InvoiceLine, texts: DocumentTexts): LineText {
  if (line.kind === 'offset') return offsetText(claim, line, texts);
  const { invoice, signs } = texts;
  const span = invoice.span(momentText(line.fromMs, signs), momentText(line.toMs, signs));
  if (line.kind === 'credit') {
    const position = line.correctsLine === null ? '' : String(line.correctsLine + 1);
    const reason = line.reason === null ? [] : [invoice.reason(line.reason)];
    return { title: invoice.creditFor(position), details: [...reason, span], price: [] };
  }
  const tariff = tariffOf(claim, line);
  const money = minorMoney(line.priceMinor, claim.invoice.currency, signs);
  return {
    title: chargeTitle(claim, tariff, texts),
    details: [...termsOf(tariff, texts), span, ...peakOf(line, tariff, texts)],
    price: [
      invoice.price(money, postsText(line.block, signs)),
      ...(line.block === 1 ? [] : [invoice.roundings[line.rounding]]),
    ],
  };
}

function offsetText({ offsets }: Claim, line: InvoiceLine, { invoice, signs }: DocumentTexts): LineText {
  const of = line.offsetsInvoiceId === null ? undefined : offsets[line.offsetsInvoiceId];
  const title =
    of === undefined
      ? line.description
      : invoice.lessOf(invoice.less[of.kind], of.displayNumber, dateText(of.issuedOn, signs));
  return { title, details: [], price: [] };
}

function chargeTitle({ invoice }: Claim, tariff: Tariff | null, texts: DocumentTexts): string {
  const { invoice: words, signs } = texts;
  if (invoice.monthMs !== null) {
    const month = monthText(invoice.monthMs, signs);
    if (tariff?.kind !== 'licence') return words.licenceItemBare(month);
    return words.licenceItem(month, postsText(tariff.included, signs));
  }
  if (tariff?.kind !== 'damages') return words.damagesItemBare;
  const window = durationText(tariff.windowSeconds, signs);
  return words.damagesItem(postsText(tariff.threshold, signs), window);
}

function termsOf(tariff: Tariff | null, { invoice }: DocumentTexts): string[] {
  if (tariff === null || tariff.kind === 'exempt') return [];
  const isExcess = tariff.kind === 'damages' && tariff.basis === 'excess';
  return [
    ...(tariff.count === 'unique' ? [invoice.uniquePosts] : []),
    ...(isExcess ? [invoice.excessOnly] : []),
  ];
}

function peakOf(line: InvoiceLine, tariff: Tariff | null, { invoice, signs }: DocumentTexts): string[] {
  if (line.peakPosts === null || line.peakAtMs === null || tariff?.kind !== 'damages') return [];
  const window = durationText(tariff.windowSeconds, signs);
  return [invoice.peak(postsText(line.peakPosts, signs), window, momentText(line.peakAtMs, signs))];
}
