/** The port of financial reports: issued documents with what the book says of them, and usage by month. */

import type { InvoiceKind } from '../../invoice/model.ts';
import type { UniqueDay } from '../../meter/unique/count.ts';
import type { DisputeGround, Entry } from '../../receivable/model.ts';
import type { ClaimKind, TaxCategory } from '../../seller/model.ts';

/** Absent: all. */
export interface FinanceScope {
  readonly clientId?: string | undefined;
  readonly sellerId?: string | undefined;
  readonly currency?: string | undefined;
}

/** All days are UTC dates; `to` is included. */
export interface ReportQuery extends FinanceScope {
  readonly from: string;
  readonly to: string;
  /** What happened after this date does not count. */
  readonly asAt: string;
}

export type BookedEntry = Pick<
  Entry,
  | 'id'
  | 'kind'
  | 'amountMinor'
  | 'paymentId'
  | 'creditNoteId'
  | 'reversesId'
  | 'effectiveOn'
  | 'actor'
  | 'reason'
>;

export interface BookedDispute {
  readonly openedOn: string;
  readonly ground: DisputeGround;
  /** Null: it is open. */
  readonly resolvedOn: string | null;
}

/** An issued invoice, supplement or credit note. */
export interface BookedDocument {
  readonly id: string;
  /** The number as printed. */
  readonly number: string;
  readonly kind: InvoiceKind;
  readonly claim: ClaimKind;
  readonly clientId: string;
  readonly clientName: string;
  readonly sellerId: string;
  readonly currency: string;
  readonly issuedOn: string;
  /** Negative on a credit note, as the tax is. */
  readonly netMinor: bigint;
  readonly taxMinor: bigint;
  /** Null on invoices that are older than tax rules. */
  readonly tax: { readonly category: TaxCategory; readonly rateBp: number } | null;
  /** Null without a charge: a credit note, or an invoice that is older than the book. */
  readonly dueOn: string | null;
  /** In the order of writing. */
  readonly entries: readonly BookedEntry[];
  readonly disputes: readonly BookedDispute[];
  /** By level. */
  readonly dunnings: ReadonlyArray<{ readonly level: number; readonly on: string }>;
}

/** Which documents: those issued in a range, or those whose book was open or changed on `activeSince` or later. */
export type DocumentSelection =
  | { readonly issuedFrom: string; readonly issuedTo: string }
  | { readonly activeSince: string };

/** Usage of a client in the part of a calendar month that the range covers. */
export interface MonthUsage {
  /** `2026-03`. */
  readonly month: string;
  readonly posts: number;
  readonly requests: number;
  readonly uncounted: number;
  /** Breaches that began in it. */
  readonly breaches: number;
  /** Highest total of a breach that peaked in it; null without one. */
  readonly peakPosts: number | null;
}

export interface ClientMonths {
  readonly clientId: string;
  readonly clientName: string;
  /** In order, without months that have neither usage nor breaches. */
  readonly months: readonly MonthUsage[];
  /** Days with posts, in order. */
  readonly uniqueDays: readonly UniqueDay[];
}

export interface FinanceBooks {
  /** In the order of issue. */
  documents(scope: FinanceScope, which: DocumentSelection): Promise<readonly BookedDocument[]>;
  /** Clients with months, by id, in parts of bounded size. */
  usage(clientId: string | undefined, from: string, to: string): AsyncIterable<readonly ClientMonths[]>;
}
