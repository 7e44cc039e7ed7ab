/** What verification reads of a ledger, all of it as it was at one moment. Nothing is written. */

import type { Breach, Invoice } from '../invoice/model.ts';
import type { SealedTariff, UsageAsOf, UsageRow } from '../invoice/seal.ts';
import type { LinkConfiguration } from '../meter/chain/configurations.ts';
import type { BatchKind } from '../meter/chain/link.ts';
import type { JournalGap } from '../meter/port.ts';
import type { UniqueCount } from '../report/unique.ts';
import type { ServedAt } from '../tariff/posts.ts';
import type { Finding, Note } from './finding.ts';

export interface JournalState {
  readonly id: string;
  readonly lastSequence: number;
  /** The chain begins after it: what came before was taken before the ledger chained its batches. */
  readonly chainedFrom: number;
  readonly lastHash: Uint8Array | null;
}

/** A batch as it stands in the ledger, whatever it is worth. */
export interface KeptBatch {
  readonly journalId: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly kind: BatchKind;
  readonly takenAtMs: number;
  readonly salt: Uint8Array;
  readonly content: string;
  readonly previousHash: Uint8Array;
  readonly hash: Uint8Array;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly gaps: readonly JournalGap[];
  /** Under which its records were metered. */
  readonly configurations: readonly LinkConfiguration[];
}

export interface KeptTariff extends SealedTariff {
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly reason: string;
}

/** An issued invoice with its seal; null where it has none. */
export interface IssuedInvoice {
  readonly invoice: Invoice;
  readonly unique: UniqueCount | null;
  readonly contentHash: string | null;
  readonly usageHash: string | null;
  readonly asOf: UsageAsOf | null;
}

/** What the audit log says of an issue. */
export interface IssueAudit {
  readonly number: number | null;
  readonly amountMinor: string | null;
  readonly contentHash: string | null;
}

/** What the audit log says of a tariff version: `terms` as they were written. */
export interface TariffAudit {
  readonly clientId: string | null;
  readonly version: number;
  readonly validFromMs: number;
  readonly terms: unknown;
  /** Null: not recorded. */
  readonly createdAtMs: number | null;
  readonly createdBy: string;
  readonly reason: string | null;
}

/** A client's books whole. */
export interface ClientBooks {
  readonly clientId: string;
  /** Billing has something to compute anew. */
  readonly isDirty: boolean;
  readonly isParked: boolean;
  /** Sorted by bucket, each once, none empty. */
  readonly served: readonly ServedAt[];
  /** Void ones too. */
  readonly breaches: readonly Breach[];
  /** Void ones not. */
  readonly invoices: readonly Invoice[];
}

/** The numbers after `fromLast` up to `toLast` are given to no invoice of this ledger. */
export interface NumberMove {
  readonly fromLast: number;
  readonly toLast: number;
  readonly reason: string;
}

export interface VerifiableLedger {
  readonly nowMs: number;
  journals(): Promise<readonly JournalState[]>;
  /** Of one journal, in order, page by page. */
  batches(journalId: string): AsyncIterable<readonly KeptBatch[]>;
  /** Gaps and configurations that belong to no batch, and configurations whose text is not that of their hash. */
  strays(): Promise<readonly Finding[]>;
  /**
   * Rows of usage unlike what opening usage, batches and moves come to. `unreadable`: batches to leave out, by journal
   * and last sequence. To be asked before `rows`.
   */
  usageDifferences(unreadable: ReadonlyArray<readonly [string, number]>): Promise<readonly Finding[]>;
  uniqueDifferences(): Promise<readonly Finding[]>;
  tariffs(): Promise<readonly KeptTariff[]>;
  tariffAudits(): Promise<readonly TariffAudit[]>;
  /** Rows of clients, identifiers, tokens, holds, policies and the like that the audit log does not have as they are. */
  auditDifferences(): Promise<readonly Finding[]>;
  /** Ids of tariff versions that were superseded or withdrawn. */
  retiredVersions(): Promise<readonly string[]>;
  /** 0 before the first. */
  lastNumber(): Promise<number>;
  /** Numbers left out because they were given before the ledger was set back. */
  numberMoves(): Promise<readonly NumberMove[]>;
  /** In the order of their numbers, page by page. */
  issued(): AsyncIterable<readonly IssuedInvoice[]>;
  issueAudit(invoiceId: string): Promise<IssueAudit | null>;
  /** A client's usage with posts as the batches make it now. */
  rows(clientId: string, fromMs: number, toMs: number): Promise<readonly UsageRow[]>;
  /** The same as it was when the journals and moves stood as told. */
  rowsAsOf(clientId: string, asOf: UsageAsOf): Promise<readonly UsageRow[]>;
  /** The hashes of the batches that end with these sequences, as far as there are such. */
  chainEnds(journals: UsageAsOf['journals']): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Clients that may have a breach, a licence or an invoice. */
  billable(): AsyncIterable<readonly string[]>;
  books(clientId: string): Promise<ClientBooks>;
  /** Lost records, gaps, parked clients, and usage from before the chain. */
  notes(): Promise<readonly Note[]>;
}
