/** Breaches and invoices as stored in the ledger. Money is in minor units, time in epoch milliseconds UTC. */

import type { UnbilledReason } from '../tariff/billed.ts';
import type { BreachState } from '../tariff/breach.ts';
import type { Rounding } from '../tariff/tariff.ts';
import type { IssuedDocument } from './document.ts';

export type InvoiceKind = 'invoice' | 'supplement' | 'credit_note';
/**
 * `rejected`: a draft that finance refused, for as long as the amount and lines stay the same. `void`: a draft that
 * recomputing left with nothing to charge. An issued invoice is never either.
 */
export type InvoiceStatus = 'draft' | 'approved' | 'rejected' | 'issued' | 'void';

export interface Breach {
  readonly id: string;
  readonly clientId: string;
  /** The span of time covered by violating windows, half open. */
  readonly stretchFromMs: number;
  readonly stretchToMs: number;
  /** Start of the first bucket with posts, and end of the last one. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly posts: number;
  readonly billedPosts: number;
  /** Why posts of the breach are not billed; null if only the basis excludes posts. */
  readonly unbilledReason: UnbilledReason | null;
  readonly peakPosts: number;
  readonly peakAtMs: number;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly state: BreachState;
}

/**
 * `charge`: billed posts at a price. `offset`: deducts an issued invoice, whose amount it negates. `credit`: a manual
 * credit for one line of the corrected invoice.
 */
export type LineKind = 'charge' | 'offset' | 'credit';
/** `manual`: a correction that a person made. Billing does not charge it back. */
export type InvoiceOrigin = 'billing' | 'manual';

export interface InvoiceLine {
  readonly kind: LineKind;
  /** The issued invoice that an offset deducts; null for a charge. */
  readonly offsetsInvoiceId: string | null;
  readonly tariffVersionId: string;
  /** For people to read. No rule depends on it. */
  readonly description: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly posts: number;
  readonly priceMinor: bigint;
  readonly block: number;
  readonly rounding: Rounding;
  readonly amountMinor: bigint;
  readonly peakPosts: number | null;
  readonly peakAtMs: number | null;
  /** Of a credit: the position (from 0) of the line that it corrects, and why. Null otherwise. */
  readonly correctsLine: number | null;
  readonly reason: string | null;
}

/** The addressee of an invoice, frozen when it is issued. */
export interface BillingDetails {
  readonly legalName: string;
  readonly address: string;
  readonly email: string;
  readonly taxId: string | null;
  readonly currency: string;
}

/** Finance's refusal of a draft. */
export interface Rejection {
  readonly by: string;
  /** Epoch milliseconds UTC. */
  readonly atMs: number;
  readonly reason: string;
}

export interface Invoice {
  readonly id: string;
  /** Assigned at issue, without gaps. */
  readonly number: number | null;
  readonly kind: InvoiceKind;
  readonly status: InvoiceStatus;
  readonly clientId: string;
  /** The breach of a damages invoice. Null for a licence. */
  readonly breachId: string | null;
  /** The start of the calendar month of a licence invoice. Null for damages. */
  readonly monthMs: number | null;
  /** The invoice that a supplement or credit note corrects. */
  readonly correctsId: string | null;
  readonly currency: string;
  /** Positive on an invoice or supplement; negative on a credit note. */
  readonly amountMinor: bigint;
  readonly lines: readonly InvoiceLine[];
  readonly billTo: BillingDetails | null;
  readonly approvedBy: string | null;
  readonly approvedAtMs: number | null;
  readonly issuedAtMs: number | null;
  /** Null unless the status is `rejected`. */
  readonly rejection: Rejection | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly origin: InvoiceOrigin;
  /** The series of the number; that of a yearly series has the year after a slash. */
  readonly series: string;
  /** Set at issue. Null before, and on invoices that are older than sellers. */
  readonly sellerId: string | null;
  /** Payable is `amountMinor + taxMinor`. 0 before issue. */
  readonly taxMinor: bigint;
  /** Null before issue, and on invoices that are older than documents. */
  readonly document: IssuedDocument | null;
  /** The token of `approvedBy`; null: ADMIN_TOKEN, or billing itself. */
  readonly approverTokenId: string | null;
}
