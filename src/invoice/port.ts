/**
 * What billing needs from outside: the ledger's usage, tariffs, breaches and invoices of one client at a time, locked
 * while they are computed anew, and the actions of finance on an invoice.
 */

import type { ParkingCode } from '../meter/port.ts';
import type { ServedAt } from '../tariff/posts.ts';
import type { TariffVersion } from '../tariff/tariff.ts';
import type { ApproveOutcome, IssueOutcome, RejectOutcome } from './issue.ts';
import type { Breach, Invoice } from './model.ts';

/** Whether finance approves before an invoice is issued. */
type Approval = 'manual' | 'automatic';

export interface BillingRules {
  readonly bucketSeconds: number;
  /** How long usage may come late before a breach or a month is closed. */
  readonly latenessMs: number;
  readonly approval: Approval;
}

/** What finance does. Each leaves a row in the audit log; a refusal is a value and changes nothing. */
export interface InvoiceActions {
  approveInvoice(id: string, actor: string, nowMs: number): Promise<ApproveOutcome>;
  /** Billing does not make the same draft again. `reason`: for the audit log and the invoice. */
  rejectInvoice(id: string, reason: string, actor: string, nowMs: number): Promise<RejectOutcome>;
  /** Gives the number and freezes the billing details into the invoice. */
  issueInvoice(id: string, actor: string, nowMs: number): Promise<IssueOutcome>;
}

export type AdvanceOutcome =
  | { readonly kind: 'advanced'; readonly last: number }
  /** The series is at `last` or beyond already. */
  | { readonly kind: 'not_ahead'; readonly last: number };

/** The series of invoice numbers, and what is known of it outside the database. */
export interface InvoiceNumbers {
  numbers(): Promise<{
    readonly last: number;
    /** The highest number that the register of this gateway has as given; null without a register. */
    readonly lastRecorded: number | null;
    readonly leftOut: ReadonlyArray<{
      readonly fromLast: number;
      readonly toLast: number;
      readonly actor: string;
      readonly reason: string;
      readonly at: Date;
    }>;
  }>;
  /** The next number is `last` + 1: those between were given before the ledger was set back. Audited. */
  advanceNumbers(last: number, reason: string, actor: string, nowMs: number): Promise<AdvanceOutcome>;
}

/** Something that billing did by itself and that the audit log tells. */
export interface BillingNote {
  readonly action: 'invoice.approval_dropped' | 'invoice.voided';
  readonly invoiceId: string;
  readonly reason: string;
}

/** What one billing of a client changes. Empty lists where everything is as it was. */
export interface BillingChanges {
  /** New and changed breaches, whole. */
  readonly breaches: readonly Breach[];
  /** New and changed invoices, whole; never an issued one. */
  readonly invoices: readonly Invoice[];
  readonly notes: readonly BillingNote[];
  /** When a state changes by time alone; null: never. */
  readonly dueAtMs: number | null;
}

/** One client's books, locked against everyone else until the work on them ends. */
export interface BillingAccount {
  readonly clientId: string;
  /** The earliest bucket that changed since the last billing; null: none. */
  readonly dirtyFromMs: number | null;
  /** The client's own versions and the default's. */
  readonly tariffs: readonly TariffVersion[];
  /** Breaches (void ones too) whose stretch ends at or after `fromMs`, and all that are open or settling. */
  breachesReaching(fromMs: number): Promise<readonly Breach[]>;
  /** Posts from `fromMs` on, in order of time; a bucket may have several rows. */
  usage(fromMs: number): Promise<readonly ServedAt[]>;
  /** Invoices (void ones not) of these breaches, and of the calendar months from `fromMonthMs` on. */
  invoices(breachIds: readonly string[], fromMonthMs: number): Promise<readonly Invoice[]>;
  /** Writes the changes, takes the mark away and sets when to look again. */
  write(changes: BillingChanges): Promise<void>;
}

/** Clients whose billing has stopped for one reason. */
export interface ParkedCount {
  readonly code: ParkingCode;
  /** Those that are named. */
  readonly clients: number;
  /** Nobody is named, since nobody can tell who is concerned: all are. */
  readonly isForAll: boolean;
}

export interface BillingLedger extends InvoiceActions {
  /**
   * Runs `run` while no other process does; undefined where another one is at it. It saves work, no more: two runs at
   * once are harmless, since each client's books are locked while they are computed.
   */
  lead<T>(run: () => Promise<T>): Promise<T | undefined>;
  /**
   * Registers the numbers that the ledger gave, and holds issuing where it lacks any that was given before
   * (`NumberRegister`). Every process does it, whether it leads or not.
   */
  compareNumbers(): Promise<void>;
  /**
   * Takes the mark from every client that has too few posts since to be over the default's lowest threshold, has no
   * tariff of its own and no breach near: a million small callers are never looked at one by one. Returns how many.
   */
  dropHarmless(): Promise<number>;
  /**
   * Ids of clients that changed or are due at `nowMs`, in order, at most `limit` after the id `after`. Not those that
   * are parked: what changed stays marked until they are released.
   */
  dueClients(nowMs: number, after: string | null, limit: number): Promise<readonly string[]>;
  /** One transaction: what `work` wrote is kept whole, or nothing where it throws. */
  withAccount<T>(clientId: string, work: (account: BillingAccount) => Promise<T>): Promise<T>;
  /** Whose billing has stopped and was not released; codes of which there are none are left out. */
  parked(): Promise<readonly ParkedCount[]>;
  /** Ids of drafts that may be ready to be issued without approval, oldest first; not of clients that are parked. */
  draftsToIssue(nowMs: number): Promise<readonly string[]>;
}
