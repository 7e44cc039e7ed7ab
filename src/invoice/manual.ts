/**
 * Corrections that a person makes: a manual credit note gives back a part of single lines of an issued invoice, and a
 * manual supplement takes such a credit back. Billing leaves both out of its account.
 */

import { formatMoney } from '../tariff/money.ts';
import { printedNumber, UNDOCUMENTED } from './document.ts';
import type { Invoice, InvoiceLine } from './model.ts';

export const CREDIT_GROUNDS = ['settlement', 'goodwill', 'court'] as const;
export type CreditGround = (typeof CREDIT_GROUNDS)[number];

/** An amount of one line of the corrected invoice. */
export interface AskedLine {
  /** Position from 0. */
  readonly line: number;
  /** Positive, net. */
  readonly amountMinor: bigint;
}

export interface AskedCorrection {
  readonly kind: 'credit_note' | 'supplement';
  readonly lines: readonly AskedLine[];
  readonly reason: string;
  /** Null for a supplement. */
  readonly ground: CreditGround | null;
}

/** `line` is the index in the request; null concerns the invoice. */
export type CorrectionFault =
  | { readonly kind: 'not_correctable' }
  | { readonly kind: 'no_line' | 'line_twice' | 'not_a_charge'; readonly line: number }
  | {
      readonly kind: 'exceeds_remaining';
      readonly line: number | null;
      readonly remainingMinor: bigint;
    };

/**
 * Returns why the correction is refused; null if it may be issued.
 * @param matter all issued invoices of the same breach or month and currency, with the corrected one.
 */
export function correctionFault(
  corrected: Invoice,
  matter: readonly Invoice[],
  { kind, lines }: AskedCorrection,
): CorrectionFault | null {
  const isCorrectable =
    corrected.status === 'issued' && corrected.kind !== 'credit_note' && corrected.origin === 'billing';
  if (!isCorrectable) return { kind: 'not_correctable' };
  for (const [index, { line, amountMinor }] of lines.entries()) {
    const charged = corrected.lines[line];
    if (charged === undefined) return { kind: 'no_line', line: index };
    if (lines.findIndex((one) => one.line === line) < index) return { kind: 'line_twice', line: index };
    if (charged.kind !== 'charge') return { kind: 'not_a_charge', line: index };
    const creditedMinor = -manuallyGiven(corrected, line, matter);
    const remainingMinor = kind === 'supplement' ? creditedMinor : charged.amountMinor - creditedMinor;
    if (amountMinor > remainingMinor) return { kind: 'exceeds_remaining', line: index, remainingMinor };
  }
  if (kind === 'supplement') return null;
  const remainingMinor = remainingOf(corrected, matter);
  const sum = lines.reduce((total, { amountMinor }) => total + amountMinor, 0n);
  return sum > remainingMinor ? { kind: 'exceeds_remaining', line: null, remainingMinor } : null;
}

/** What corrections leave of the invoice, and of its breach or month as a whole: the lower of both, never negative. */
export function remainingOf(corrected: Invoice, matter: readonly Invoice[]): bigint {
  const sumOf = (invoices: readonly Invoice[]) =>
    invoices.reduce((total, { amountMinor }) => total + amountMinor, 0n);
  const own = sumOf(
    matter.filter(({ id, correctsId }) => id === corrected.id || correctsId === corrected.id),
  );
  const whole = sumOf(matter);
  const lower = own < whole ? own : whole;
  return lower < 0n ? 0n : lower;
}

/** The sum of manual lines for one line of the corrected invoice: negative, or 0. */
export function manuallyGiven(corrected: Invoice, line: number, matter: readonly Invoice[]): bigint {
  return matter
    .filter(({ origin, correctsId }) => origin === 'manual' && correctsId === corrected.id)
    .flatMap(({ lines }) => lines)
    .filter(({ correctsLine }) => correctsLine === line)
    .reduce((total, { amountMinor }) => total + amountMinor, 0n);
}

/** The draft of a correction without a fault. It is issued in the transaction that makes it. */
export function manualDraft(corrected: Invoice, asked: AskedCorrection, id: string, nowMs: number): Invoice {
  const lines = asked.lines.map((one) => manualLine(corrected, one, asked));
  const { clientId, breachId, monthMs, currency } = corrected;
  return {
    ...{ id, number: null, kind: asked.kind, status: 'draft', clientId, breachId, monthMs },
    ...{ correctsId: corrected.id, currency, lines, billTo: null },
    amountMinor: lines.reduce((total, { amountMinor }) => total + amountMinor, 0n),
    ...{ approvedBy: null, approvedAtMs: null, issuedAtMs: null, rejection: null },
    ...{ createdAtMs: nowMs, updatedAtMs: nowMs, ...UNDOCUMENTED, origin: 'manual' },
  };
}

function manualLine(
  corrected: Invoice,
  { line, amountMinor }: AskedLine,
  { kind, ground, reason }: AskedCorrection,
): InvoiceLine {
  const charged = corrected.lines[line]!;
  const { tariffVersionId, fromMs, toMs, priceMinor, block, rounding } = charged;
  const what = kind === 'supplement' ? 'Credit taken back' : `Credit (${ground})`;
  return {
    ...{ kind: 'credit', offsetsInvoiceId: null, tariffVersionId, fromMs, toMs, posts: 0 },
    description: `${what} for line ${line + 1} of invoice ${printedNumber(corrected)}: ${reason}`,
    ...{ priceMinor, block, rounding, peakPosts: null, peakAtMs: null },
    ...{ amountMinor: kind === 'supplement' ? amountMinor : -amountMinor, correctsLine: line, reason },
  };
}

/** The fault in words, with the field of the request. */
export function correctionFaultText(
  fault: CorrectionFault,
  currency: string,
): { readonly field: string; readonly reason: string; readonly hint: string } {
  switch (fault.kind) {
    case 'not_correctable':
      return {
        field: 'invoiceId',
        reason: 'is not an issued invoice or supplement of billing',
        hint: 'correct the invoice itself; a manual supplement takes a manual credit back',
      };
    case 'no_line':
      return {
        ...{ field: `lines.${fault.line}.line`, reason: 'does not exist on the invoice' },
        hint: 'count the lines of the invoice from 1',
      };
    case 'line_twice':
      return {
        ...{ field: `lines.${fault.line}.line`, reason: 'names a line twice' },
        hint: 'name each line once, with the whole amount',
      };
    case 'not_a_charge':
      return {
        ...{ field: `lines.${fault.line}.line`, reason: 'is not a line that charges posts' },
        hint: 'name a line that charges posts',
      };
    case 'exceeds_remaining':
      return {
        field: fault.line === null ? 'lines' : `lines.${fault.line}.amount`,
        reason: `exceeds what remains: ${formatMoney(fault.remainingMinor, currency)} ${currency}`,
        hint: 'send at most that',
      };
  }
}
