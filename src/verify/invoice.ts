/** Checks an issued invoice by itself: its lines against their prices, their sum, and its seal. */

import { byIssue } from '../invoice/issued-order.ts';
import { manuallyGiven, remainingOf } from '../invoice/manual.ts';
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
    if (line.kind === 'credit') return creditFindings(line, invoice, issued, place);
    return line.kind === 'offset'
      ? offsetFindings(line, issued, place)
      : dueFindings(line, invoice, versions, place);
  });
  found.push(...originFindings(invoice, issued));
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

/** A manual line has a reason, no posts, and at most what is left of the line that it corrects. */
function creditFindings(
  line: InvoiceLine,
  invoice: Invoice,
  issued: readonly Invoice[],
  place: string,
): Finding[] {
  const corrected = issued.find(({ id }) => id === invoice.correctsId);
  const charged = corrected?.lines[line.correctsLine ?? -1];
  if (corrected === undefined || charged?.kind !== 'charge') {
    return [finding('line_amount', place, 'a line of an issued invoice', line.correctsLine)];
  }
  const until = issued.filter((one) => one.id === invoice.id || byIssue(one, invoice) < 0);
  const known = until.some(({ id }) => id === invoice.id) ? until : [...until, invoice];
  const given = manuallyGiven(corrected, line.correctsLine!, known);
  const isBounded = given <= 0n && -given <= charged.amountMinor;
  const isWorded = (line.reason ?? '').trim() !== '' && line.posts === 0;
  return [
    ...(isBounded
      ? []
      : [finding('line_amount', place, `credits of at most ${charged.amountMinor}`, -given)]),
    ...(isWorded ? [] : [finding('invoice_differs', place, 'a reason and no posts', line.posts)]),
  ];
}

/** Lines of a person and of billing are never on one invoice, and no correction leaves less than nothing. */
function originFindings(invoice: Invoice, issued: readonly Invoice[]): Finding[] {
  const subject = invoiceSubject(invoice);
  const isManual = invoice.origin === 'manual';
  const strange = invoice.lines.find(
    ({ kind, correctsLine, reason }) =>
      (kind === 'credit') !== isManual || (!isManual && (correctsLine !== null || reason !== null)),
  );
  if (strange !== undefined) {
    const found = `${strange.kind} ${strange.correctsLine} ${strange.reason}`;
    return [finding('invoice_differs', `${subject} lines`, isManual ? 'credits' : 'lines of billing', found)];
  }
  if (!isManual || invoice.kind !== 'credit_note') return [];
  const corrected = issued.find(({ id }) => id === invoice.correctsId);
  if (corrected === undefined) return [finding('invoice_differs', subject, 'an issued invoice', null)];
  const before = issued.filter((one) => isSameMatter(one, invoice) && byIssue(one, invoice) < 0);
  const remaining = remainingOf(corrected, before);
  if (-invoice.amountMinor <= remaining) return [];
  return [finding('invoice_sum', subject, `a credit of at most ${remaining}`, -invoice.amountMinor)];
}

function isSameMatter(a: Invoice, b: Invoice): boolean {
  return (
    a.clientId === b.clientId &&
    a.currency === b.currency &&
    a.breachId === b.breachId &&
    a.monthMs === b.monthMs
  );
}

function offsetFindings(line: InvoiceLine, issued: readonly Invoice[], place: string): Finding[] {
  const offset = issued.find(({ id }) => id === line.offsetsInvoiceId);
  if (offset === undefined)
    return [finding('line_amount', place, 'an issued invoice', line.offsetsInvoiceId)];
  const expected = -offset.amountMinor;
  return expected === line.amountMinor ? [] : [finding('line_amount', place, expected, line.amountMinor)];
}
