/** Breaches and invoices as the ledger keeps them. Money in minor units, time in epoch milliseconds UTC. */

import type { UnbilledReason } from '../tariff/billed.ts';
import type { Rounding } from '../tariff/tariff.ts';

/** `void`: computing anew merged it into another breach or left nothing of it. Its invoices stay with it. */
export type BreachState = 'open' | 'settling' | 'closed' | 'void';
export type InvoiceKind = 'invoice' | 'supplement' | 'credit_note';
/** `rejected`: a draft that finance refused; it stays so while it is what is owed. `void`: a draft that fell away because recomputing left nothing to charge. Never an issued one. */
export type InvoiceStatus = 'draft' | 'approved' | 'rejected' | 'issued' | 'void';

export interface Breach {
  readonly id: string;
  readonly clientId: string;
  /** The stretch of time covered by violating windows, half open. */
  readonly stretchFromMs: number;
  readonly stretchToMs: number;
  /** First bucket with posts in it, and the end of the last. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly posts: number;
  readonly billedPosts: number;
  /** Why posts of the breach are not billed; null if nothing but the basis kept them from it. */
  readonly unbilledReason: UnbilledReason | null;
  readonly peakPosts: number;
  readonly peakAtMs: number;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly state: BreachState;
}

export interface InvoiceLine {
  readonly tariffVersionId: string;
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
}

/** To whom an invoice is addressed; frozen into it when it is issued. */
export interface BillingDetails {
  readonly legalName: string;
  readonly address: string;
  readonly email: string;
  readonly taxId: string | null;
  readonly currency: string;
}

/** That finance refused a draft. */
export interface Rejection {
  readonly by: string;
  /** Epoch milliseconds UTC. */
  readonly atMs: number;
  readonly reason: string;
}

export interface Invoice {
  readonly id: string;
  /** Given at issue, without gaps. */
  readonly number: number | null;
  readonly kind: InvoiceKind;
  readonly status: InvoiceStatus;
  readonly clientId: string;
  /** Damages: the breach. Null for a licence. */
  readonly breachId: string | null;
  /** Licence: the first moment of the calendar month. Null for damages. */
  readonly monthMs: number | null;
  /** Supplement or credit note: the invoice that it corrects. */
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
}
