/** The port of the book of receivables: payments, their allocation, reversals, refunds, entries and accounts. */

import type { Allocation } from '../../receivable/allocate.ts';
import type { BookFault } from '../../receivable/fault.ts';
import type { MatchableDebt } from '../../receivable/match.ts';
import type { Entry, Payment, Receivable, Refund } from '../../receivable/model.ts';
import type { Reversal } from '../../receivable/reverse.ts';
import type { AccountBalance, Movement } from '../../receivable/statement.ts';
import type { Actor, Page, PageRequest } from '../port.ts';

export type NewPayment = Omit<Payment, 'atMs' | 'actor'>;
export type NewRefund = Omit<Refund, 'atMs' | 'actor'>;
/** What an allocation draws on. */
export type FundsId = { readonly kind: 'payment' | 'credit_note'; readonly id: string };

/** An entry with what a reader needs beside it. */
export interface EntryRecord extends Entry {
  /** Of the invoice, as printed. */
  readonly number: string;
  readonly clientId: string;
  /** The entry that reverses this one; null if there is none. */
  readonly reversedById: number | null;
}

export interface PaymentRecord extends Payment {
  /** Entries less their reversals. */
  readonly allocatedMinor: bigint;
  readonly refundedMinor: bigint;
  readonly leftMinor: bigint;
}

export interface PaymentDetail extends PaymentRecord {
  /** In the order of writing, with reversals. */
  readonly entries: readonly EntryRecord[];
  readonly refunds: readonly Refund[];
}

/** Omitted fields select every payment. */
export interface PaymentFilter {
  readonly sellerId?: string | undefined;
  readonly clientId?: string | undefined;
  readonly currency?: string | undefined;
  /** Text in the payer, the reference, the note or the external id. */
  readonly q?: string | undefined;
  /** UTC dates, both inclusive. */
  readonly receivedFrom?: string | undefined;
  readonly receivedTo?: string | undefined;
  /** True: only those of which something is left. */
  readonly hasLeft?: boolean | undefined;
}

export type BookRefusal = { readonly kind: 'refused'; readonly faults: readonly BookFault[] };
export type RecordPaymentResult =
  | { readonly kind: 'recorded'; readonly id: string }
  /** The same payment was recorded before under its source and external id. Nothing changed. */
  | { readonly kind: 'repeated'; readonly id: string }
  /** Another payment has the source and external id. */
  | { readonly kind: 'differs'; readonly id: string }
  | BookRefusal;
export type BookResult<T> = { readonly kind: 'written'; readonly value: T } | BookRefusal;

/** An invoice with a balance, and what an allocation or an import shows of it. */
export interface DebtRecord extends MatchableDebt {
  readonly receivable: Receivable;
}

export interface DebtFilter {
  readonly sellerId: string;
  readonly currency?: string | undefined;
  readonly clientId?: string | undefined;
}

/** Each write is one transaction with an audit row. A refused write changes nothing. */
export interface PaymentBooks {
  record(payment: NewPayment, allocations: readonly Allocation[], who: Actor): Promise<RecordPaymentResult>;
  /** Newest first by id. */
  payments(filter: PaymentFilter, page: PageRequest): Promise<Page<PaymentRecord>>;
  payment(id: string): Promise<PaymentDetail | null>;
  /** Ids of the payments of a source that are recorded, by external id. */
  recorded(source: string, externalIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  allocate(
    funds: FundsId,
    allocations: readonly Allocation[],
    who: Actor,
  ): Promise<BookResult<readonly Entry[]>>;
  refund(refund: NewRefund, who: Actor): Promise<BookResult<Refund>>;
  reverse(reversal: Reversal, who: Actor): Promise<BookResult<Entry>>;
  /** In the order of writing; null if there is no such invoice. */
  entries(invoiceId: string): Promise<readonly EntryRecord[] | null>;
  /** Open invoices, oldest due first. */
  debts(filter: DebtFilter): Promise<readonly DebtRecord[]>;
  /** All movements of the account of a client, in no order. */
  movements(clientId: string, currency: string): Promise<readonly Movement[]>;
  /** In the order of the currencies. Currencies without debts and money are absent. */
  balances(clientId: string): Promise<readonly AccountBalance[]>;
}
