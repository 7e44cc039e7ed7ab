/** Checks an issued invoice by itself: its lines against their prices, their sum, and its seal. */

import type { Invoice, InvoiceLine } from '../invoice/model.ts';
import { contentHash, type SealedTariff } from '../invoice/seal.ts';
import type { Sha256 } from '../meter/chain/leaves.ts';
import { sumOfLines } from '../tariff/lines.ts';
import { amountOf, isRounding } from '../tariff/rating.ts';
import type { Tariff, TariffVersion } from '../tariff/tariff.ts';
import { type Finding, finding } from './finding.ts';
import type { IssuedInvoice } from './port.ts';

export function invoiceSubject({ number, id }: Invoice): string {
  return `invoices/${number ?? id}`;
}

/** `issued` are all issued invoices of the client. `versions` are those that the lines may name. */
export function lineFindings(
  invoice: Invoice,
  issued: readonly Invoice[],
  versions: readonly TariffVersion[],
): Finding[] {
  const subject = invoiceSubject(invoice);
  const found = invoice.lines.flatMap((line, index) => {
    const place = `${subject}/lines/${index + 1}`;
    return line.kind === 'offset'
      ? offsetFindings(line, issued, place)
      : dueFindings(line, invoice, versions, place);
  });
  const sum = sumOfLines(invoice.lines);
  if (sum !== invoice.amountMinor) found.push(finding('invoice_sum', subject, sum, invoice.amountMinor));
  return found;
}

/** `tariffs` are the seal's versions, as they are in the ledger now. */
export function sealFindings(
  { invoice, unique, contentHash: found, usageHash, asOf }: IssuedInvoice,
  tariffs: readonly SealedTariff[],
  sha256: Sha256,
): Finding[] {
  if (found === null || usageHash === null || asOf === null) return [];
  const expected = contentHash({ invoice, unique, usageHash, asOf, tariffs }, sha256);
  return expected === found ? [] : [finding('content_hash', invoiceSubject(invoice), expected, found)];
}

function dueFindings(
  line: InvoiceLine,
  invoice: Invoice,
  versions: readonly TariffVersion[],
  place: string,
): Finding[] {
  const tariff = versions.find((version) => version.id === line.tariffVersionId)?.tariff ?? null;
  const expected = priceOf(tariff);
  const { priceMinor, block, rounding } = line;
  const found = `${priceMinor} ${invoice.currency} per ${block}, ${rounding}`;
  const amount = isRatable(line) ? amountOf(line.posts, { ...line, currency: invoice.currency }) : null;
  return [
    ...(expected === found ? [] : [finding('line_tariff', place, expected, found)]),
    ...(amount === line.amountMinor ? [] : [finding('line_amount', place, amount, line.amountMinor)]),
  ];
}

/** False for a line that billing cannot have written. */
function isRatable({ posts, block, rounding }: InvoiceLine): boolean {
  return posts >= 0 && block > 0 && isRounding(rounding);
}

function priceOf(tariff: Tariff | null): string {
  if (tariff === null || tariff.kind === 'exempt') return 'nothing is charged';
  return `${tariff.priceMinor} ${tariff.currency} per ${tariff.block}, ${tariff.rounding}`;
}

function offsetFindings(line: InvoiceLine, issued: readonly Invoice[], place: string): Finding[] {
  const offset = issued.find(({ id }) => id === line.offsetsInvoiceId);
  if (offset === undefined)
    return [finding('line_amount', place, 'an issued invoice', line.offsetsInvoiceId)];
  const expected = -offset.amountMinor;
  return expected === line.amountMinor ? [] : [finding('line_amount', place, expected, line.amountMinor)];
}
