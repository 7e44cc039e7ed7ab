/** The book of an issued invoice: entries, payments, and what is still owed. Money is bigint minor units. */

export const ENTRY_KINDS = ['charge', 'payment', 'credit', 'write_off', 'reversal'] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** A final row of the book. A charge is positive, a reversal negates its entry, and the others are negative. */
export interface Entry {
  /** Ascending in the order of writing. */
  readonly id: number;
  /** The invoice or supplement. */
  readonly invoiceId: string;
  readonly kind: EntryKind;
  readonly amountMinor: bigint;
  /** Of a payment, and of the reversal of one. */
  readonly paymentId: string | null;
  /** Of a credit, and of the reversal of one. */
  readonly creditNoteId: string | null;
  readonly reversesId: number | null;
  /** UTC date. */
  readonly effectiveOn: string;
  readonly atMs: number;
  readonly actor: string;
  readonly reason: string | null;
}

/** Money that came in. What is not allocated to invoices is the balance of the client. */
export interface Payment {
  readonly id: string;
  readonly sellerId: string;
  /** Null: the payer is not known yet. */
  readonly clientId: string | null;
  /** UTC date. */
  readonly receivedOn: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly payer: string | null;
  readonly reference: string | null;
  readonly method: string | null;
  /** Where it was recorded: `hand`, or the name of an import. Unique with `externalId`. */
  readonly source: string;
  readonly externalId: string | null;
  readonly note: string | null;
  readonly atMs: number;
  readonly actor: string;
}

/** Money that went back, of a payment or of a credit note. */
export interface Refund {
  readonly id: string;
  readonly paymentId: string | null;
  readonly creditNoteId: string | null;
  readonly paidOn: string;
  readonly amountMinor: bigint;
  readonly atMs: number;
  readonly actor: string;
  readonly reason: string;
}

/** What the entries of an invoice come to. The database keeps it. */
export interface Receivable {
  readonly invoiceId: string;
  readonly clientId: string;
  readonly sellerId: string;
  readonly currency: string;
  readonly payableMinor: bigint;
  /** From 0 to `payableMinor`: what is still owed. */
  readonly balanceMinor: bigint;
  /** Sums of the entries of each kind, less their reversals; not negative. */
  readonly paidMinor: bigint;
  readonly creditedMinor: bigint;
  readonly writtenOffMinor: bigint;
  /** UTC date. */
  readonly dueOn: string;
  /** The open dispute; null if there is none. */
  readonly disputeId: string | null;
  /** Highest level of dunning reached; 0 before the first. */
  readonly dunningLevel: number;
}

export const DISPUTE_GROUNDS = [
  ...(['not_us', 'counting', 'reading', 'threshold', 'licence', 'terms_not_accepted'] as const),
  ...(['period', 'duplicate', 'other'] as const),
] as const;
export type DisputeGround = (typeof DISPUTE_GROUNDS)[number];
export const DISPUTE_OUTCOMES = ['upheld', 'partly_upheld', 'rejected', 'withdrawn', 'settled'] as const;
export type DisputeOutcome = (typeof DISPUTE_OUTCOMES)[number];

export interface Dispute {
  readonly id: string;
  readonly invoiceId: string;
  readonly openedAtMs: number;
  readonly openedBy: string;
  readonly ground: DisputeGround;
  readonly text: string;
  /** What of the invoice is disputed. */
  readonly disputedMinor: bigint;
  readonly answeredAtMs: number | null;
  readonly answeredBy: string | null;
  readonly answer: string | null;
  readonly resolvedAtMs: number | null;
  readonly resolvedBy: string | null;
  readonly outcome: DisputeOutcome | null;
  readonly outcomeText: string | null;
}
