/** What verification reads of a ledger, all from one snapshot. It writes nothing. */

import type { Breach, Invoice } from '../invoice/model.ts';
import type { SealedTariff, UsageAsOf, UsageRow } from '../invoice/seal.ts';
import type { LinkConfiguration, LinkEpoch } from '../meter/chain/configurations.ts';
import type { BatchKind } from '../meter/chain/link.ts';
import type { JournalGap } from '../meter/gaps.ts';
import type { UniqueCount } from '../meter/unique/count.ts';
import type { DeliveriesAt } from '../tariff/posts.ts';
import type { Finding, Note } from './finding.ts';
import type { KeptSubject } from './rights.ts';

export interface JournalState {
  readonly id: string;
  readonly lastSequence: number;
  /** The chain begins after this record. Earlier records were taken before the ledger chained its batches. */
  readonly chainedFrom: number;
  readonly lastHash: Uint8Array | null;
}

/** A batch as it is in the ledger, valid or not. */
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
  /** The configurations under which its records were metered. */
  readonly configurations: readonly LinkConfiguration[];
  /** Under which policy and registry requests were decided. */
  readonly epochs: readonly LinkEpoch[];
}

export interface KeptTariff extends SealedTariff {
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly reason: string;
}

/** An issued invoice with its seal; the seal's fields are null if it has none. */
export interface IssuedInvoice {
  readonly invoice: Invoice;
  readonly unique: UniqueCount | null;
  readonly contentHash: string | null;
  readonly usageHash: string | null;
  readonly asOf: UsageAsOf | null;
}

/** What the audit log records of an issue. */
export interface IssueAudit {
  readonly number: number | null;
  readonly amountMinor: string | null;
  readonly contentHash: string | null;
}

/** What the audit log records of a tariff version, with `terms` as they were written. */
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

/** A client's complete billing state. */
export interface ClientAccount {
  readonly clientId: string;
  /** True if billing has changes to recompute. */
  readonly isDirty: boolean;
  readonly isOnHold: boolean;
  /** Sorted by bucket, with one non-empty entry per bucket. */
  readonly served: readonly DeliveriesAt[];
  /** Including void ones. */
  readonly breaches: readonly Breach[];
  /** Without void ones. */
  readonly invoices: readonly Invoice[];
}

/** No invoice of this ledger has a number after `fromLast` up to `toLast`. */
export interface NumberMove {
  readonly series: string;
  readonly fromLast: number;
  readonly toLast: number;
  readonly reason: string;
}

export interface VerifiableLedger {
  readonly nowMs: number;
  journals(): Promise<readonly JournalState[]>;
  /** Batches of one journal in order, page by page. */
  batches(journalId: string): AsyncIterable<readonly KeptBatch[]>;
  /** Gaps, configurations and epochs that belong to no batch, and configurations whose text does not match their hash. */
  strays(): Promise<readonly Finding[]>;
  /**
   * Returns rows of usage that differ from the sum of opening usage, batches and moves. `unreadable` lists batches
   * to skip, by journal and last sequence. Call before `rows`.
   */
  usageDifferences(unreadable: ReadonlyArray<readonly [string, number]>): Promise<readonly Finding[]>;
  uniqueDifferences(): Promise<readonly Finding[]>;
  tariffs(): Promise<readonly KeptTariff[]>;
  tariffAudits(): Promise<readonly TariffAudit[]>;
  /** Rows of clients, identifiers, tokens, holds, policies and the like that differ from the audit log. */
  auditDifferences(): Promise<readonly Finding[]>;
  /** Ids of tariff versions that were superseded or withdrawn. */
  retiredVersions(): Promise<readonly string[]>;
  /** The last number of each counter; the counters that have given none are absent. */
  lastNumbers(): Promise<ReadonlyMap<string, number>>;
  /** Numbers skipped because they were given before the ledger was restored to an older state. */
  numberMoves(): Promise<readonly NumberMove[]>;
  /** Invoices in the order of their series and numbers, page by page. */
  issued(): AsyncIterable<readonly IssuedInvoice[]>;
  issueAudit(invoiceId: string): Promise<IssueAudit | null>;
  /** A client's usage with posts, as the batches define it now. */
  rows(clientId: string, fromMs: number, toMs: number): Promise<readonly UsageRow[]>;
  /** The same as of the given journal sequences and moves. */
  rowsAsOf(clientId: string, asOf: UsageAsOf): Promise<readonly UsageRow[]>;
  /** Hashes of the batches that end with these sequences. Sequences without such a batch are absent. */
  chainEnds(journals: UsageAsOf['journals']): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Clients that may have a breach, a licence or an invoice. */
  billable(): AsyncIterable<readonly string[]>;
  account(clientId: string): Promise<ClientAccount>;
  /** Lost records, gaps, clients on hold, and usage older than the chain. */
  /** Whether the sequences of the settings of rights have no gap. */
  settingGaps(): Promise<readonly Finding[]>;
  /** The subjects of the registry of rights, in pages. */
  subjects(): AsyncIterable<readonly KeptSubject[]>;
  notes(): Promise<readonly Note[]>;
}
