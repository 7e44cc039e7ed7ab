/**
 * What billing needs from outside: usage, tariffs, breaches and invoices of one client at a time, locked during the
 * computation, and the actions of finance on an invoice.
 */

import type { BillingHold, BillingHoldCode } from '../meter/port.ts';
import type { FourEyesRules } from '../proposal/four-eyes.ts';
import type { KnownToken } from '../proposal/second-person.ts';
import type { DeliveriesAt } from '../tariff/posts.ts';
import type { TariffVersion } from '../tariff/tariff.ts';
import type { IssuedDocument } from './document.ts';
import type { IssuingFacts } from './issuing/facts.ts';
import type { Breach, Invoice } from './model.ts';
import type { ApproveOutcome, IssueOutcome, KnownDetails, RejectOutcome } from './outcome.ts';
import type { Seal } from './seal.ts';

/** Whether finance must approve an invoice before it is issued. */
type Approval = 'manual' | 'automatic';

export interface BillingRules {
  readonly bucketSeconds: number;
  /** How late usage may arrive before a breach or a month closes. */
  readonly latenessMs: number;
  readonly approval: Approval;
  /** Which actions of money need a second person. */
  readonly fourEyes: FourEyesRules;
}

/** Actions of finance. Each writes a row to the audit log. A refusal is a value and changes nothing. */
export interface InvoiceActions {
  /** @param tokenId the token of the actor; null for ADMIN_TOKEN and the command line. */
  approveInvoice(id: string, actor: string, nowMs: number, tokenId?: string | null): Promise<ApproveOutcome>;
  /** Billing does not make the same draft again. `reason` goes into the audit log and the invoice. */
  rejectInvoice(id: string, reason: string, actor: string, nowMs: number): Promise<RejectOutcome>;
  /** Assigns the number and freezes the billing details into the invoice. */
  issueInvoice(id: string, actor: string, nowMs: number, tokenId?: string | null): Promise<IssueOutcome>;
}

/** An invoice with what decides whether it may be approved and issued. */
export interface LockedInvoice {
  readonly invoice: Invoice;
  /** Null for a licence. */
  readonly breach: Breach | null;
  readonly details: KnownDetails;
  /** The oldest billing hold of the client; null if there is none. */
  readonly hold: BillingHold | null;
  /** The earliest bucket that changed since the last billing; null if none did. */
  readonly dirtyFromMs: number | null;
}

/** The same with the tariff versions that billing reads: everything that decides about the invoice but its number. */
export interface DecidableInvoice extends LockedInvoice {
  /** The client's own versions and the default's. */
  readonly tariffs: readonly TariffVersion[];
  readonly issuing: IssuingFacts;
}

/** What the document and the seal of an invoice rest on, read at its issue. */
export interface IssueBasis {
  readonly readings: IssuedDocument['readings'];
  /** Seals the invoice with its number and document; null if the ledger has no seals. */
  seal(issued: Invoice): Seal | null;
}

/** A change of an invoice by finance, as the audit log records it. */
export interface InvoiceDecision {
  readonly action: 'invoice.approved' | 'invoice.rejected' | 'invoice.issued';
  readonly before: Invoice;
  readonly after: Invoice;
  readonly actor: string;
  readonly atMs: number;
  readonly reason?: string;
  /** True if an action of two people was taken by a lone person. */
  readonly isAlone?: boolean;
}

/** What an action of finance reads and writes. All of it is one transaction. */
export interface InvoiceTransaction {
  /** Locks the client's billing state until the transaction ends; null if there is no invoice with the id. */
  lockInvoice(id: string): Promise<LockedInvoice | null>;
  /** The client's own versions and the default's. */
  tariffs(clientId: string): Promise<readonly TariffVersion[]>;
  /** Seller and buyer of the invoice. The number series of the seller cannot change until the transaction ends. */
  issuing(invoice: Invoice): Promise<IssuingFacts>;
  /** All active tokens. */
  tokens(nowMs: number): Promise<readonly KnownToken[]>;
  /** The usage and tariffs of the locked invoice. */
  basis(invoice: Invoice, breach: Breach | null): Promise<IssueBasis>;
  /**
   * The last number that the counter has given; 0 before the first. Locked until the transaction ends, so that a
   * rollback leaves no gap.
   */
  lockLastNumber(counter: string): Promise<number>;
  /** Writes the changed invoice with its row in the audit log. */
  save(decision: InvoiceDecision): Promise<void>;
  /** Like `save`, makes the invoice's number the last one of its series, and writes the entries of the book. */
  saveIssued(decision: InvoiceDecision, seal: Seal | null): Promise<void>;
}

export interface InvoiceTransactions {
  /** Runs `work` in one transaction, rolled back if it throws. */
  transaction<T>(work: (tx: InvoiceTransaction) => Promise<T>): Promise<T>;
}

export type AdvanceOutcome =
  | { readonly kind: 'advanced'; readonly last: number }
  /** The series has already reached `last`. */
  | { readonly kind: 'not_ahead'; readonly last: number };

/** One counter of invoice numbers: a series, or a year of a yearly one. */
export interface NumberCounter {
  readonly series: string;
  readonly last: number;
  /** The highest number that this gateway's register records as given; null without a register. */
  readonly lastRecorded: number | null;
  readonly leftOut: ReadonlyArray<{
    readonly fromLast: number;
    readonly toLast: number;
    readonly actor: string;
    readonly reason: string;
    readonly at: Date;
  }>;
}

/** The counters of invoice numbers, and what is known of them outside the database. */
export interface InvoiceNumbers {
  /** The counters that have given a number, and always that of the default series, sorted. */
  numbers(): Promise<readonly NumberCounter[]>;
  /**
   * Makes `last` + 1 the next number of the counter; the numbers between were given before the ledger was restored to
   * an older state. Audited.
   */
  advanceNumbers(
    series: string,
    last: number,
    reason: string,
    actor: string,
    nowMs: number,
  ): Promise<AdvanceOutcome>;
}

/** A change that billing made by itself, recorded in the audit log. */
export interface BillingNote {
  readonly action: 'invoice.approval_dropped' | 'invoice.voided';
  readonly invoiceId: string;
  readonly reason: string;
}

/** What one billing of a client changes. Lists are empty if nothing changed. */
export interface BillingChanges {
  /** New and changed breaches, complete. */
  readonly breaches: readonly Breach[];
  /** New and changed invoices, complete. Never an issued one. */
  readonly invoices: readonly Invoice[];
  readonly notes: readonly BillingNote[];
  /** When a state changes by time alone; null: never. */
  readonly dueAtMs: number | null;
}

/** One client's billing state, locked until the work on it ends. */
export interface BillingAccount {
  readonly clientId: string;
  /** The earliest bucket that changed since the last billing; null if none did. */
  readonly dirtyFromMs: number | null;
  /** The client's own versions and the default's. */
  readonly tariffs: readonly TariffVersion[];
  /** Breaches whose stretch ends at or after `fromMs`, including void ones, and all open or settling breaches. */
  breachesReaching(fromMs: number): Promise<readonly Breach[]>;
  /** Posts from `fromMs` on, in order of time. A bucket may have several rows. */
  usage(fromMs: number): Promise<readonly DeliveriesAt[]>;
  /** Invoices of these breaches and of the calendar months from `fromMonthMs` on, without void ones. */
  invoices(breachIds: readonly string[], fromMonthMs: number): Promise<readonly Invoice[]>;
  /** Writes the changes, clears the dirty mark and schedules the next check. */
  write(changes: BillingChanges): Promise<void>;
}

/** Clients on billing hold for one reason. */
export interface BillingHoldCount {
  readonly code: BillingHoldCode;
  /** Number of clients held by name. */
  readonly clients: number;
  /** True if all clients are on hold because the affected ones are unknown. */
  readonly isForAll: boolean;
}

export interface BillingLedger extends InvoiceActions {
  /**
   * Runs `run` under the leader lock; returns undefined if another process holds it. The lock only avoids duplicate
   * work: each client's billing state is locked while it is computed.
   */
  lead<T>(run: () => Promise<T>): Promise<T | undefined>;
  /**
   * Registers the numbers that the ledger gave, and holds issuing if it lacks any number that was given earlier
   * (`NumberRegister`). Every process does this, leader or not.
   */
  compareNumbers(): Promise<void>;
  /** Opens the book of invoices that are older than the book. Returns the number of clients. */
  openBooks(nowMs: number): Promise<number>;
  /**
   * Clears the dirty mark of every client for which `canBeSkipped` (src/tariff/skip.ts) is true. A million small callers are thus never checked one by one. Returns the
   * number of cleared clients.
   */
  clearUnbillable(): Promise<number>;
  /**
   * Returns at most `limit` ids of clients that changed or are due at `nowMs`, in order, after the id `after`.
   * Excludes clients on hold; their changes stay marked until the release.
   */
  dueClients(nowMs: number, after: string | null, limit: number): Promise<readonly string[]>;
  /** Runs `work` in one transaction, rolled back if it throws. */
  withAccount<T>(clientId: string, work: (account: BillingAccount) => Promise<T>): Promise<T>;
  /** Active billing holds by code. Codes without a hold are omitted. */
  holdCounts(): Promise<readonly BillingHoldCount[]>;
  /** Ids of drafts that may be issued without approval, oldest first, without those of clients on hold. */
  draftsToIssue(nowMs: number): Promise<readonly string[]>;
}
