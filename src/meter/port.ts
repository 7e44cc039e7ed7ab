/**
 * What metering needs from outside: a journal that survives a crash, a ledger that takes each batch once, a window
 * store.
 */

import type { LinkEpoch } from './chain/configurations.ts';
import type { MeteringEpoch } from './chain/epochs.ts';
import type { Leaf } from './chain/leaves.ts';
import type { BatchKind } from './chain/link.ts';
import type { JournalGap } from './gaps.ts';
import type { Usage } from './usage.ts';

/** The settings under which usage is metered. */
export interface MeteringConfiguration {
  /** Hex SHA-256 of `content`. */
  readonly hash: string;
  /** RFC 8785 JSON without secrets; null for a journal that knows only the hash. */
  readonly content: string | null;
  /** Version of the program. */
  readonly version: string;
  /** Start of metering under it: epoch milliseconds UTC. */
  readonly fromMs: number;
}

export interface JournalRecord {
  /** Counts up by one from 1, per journal, without gaps. */
  readonly sequence: number;
  readonly usage: readonly Usage[];
  /** The gap that ends with this record. */
  readonly gap?: JournalGap;
  /** Applies to this record and later ones, until another does. */
  readonly configuration?: MeteringConfiguration;
  /** Applies to this record and later ones, until another does. */
  readonly epoch?: MeteringEpoch;
  /**
   * The record's contents were lost on disk: `usage` is empty. The first lost record of a run carries the gap. The
   * ledger may have taken the original earlier.
   */
  readonly isDamaged?: true;
}

/** A gateway's own durable record of usage that the ledger has not confirmed yet. It has one writer. */
export interface Journal {
  /** Identity of this journal; never reused. */
  readonly id: string;
  /** The sequence of the newest record; 0 while there is none. */
  readonly lastSequence: number;
  /** `read` returns records up to here. Absent: up to `lastSequence`. */
  readonly readableUpTo?: number;
  /** The last sequence that the ledger has confirmed, as far as the journal has stored it; 0 for none. */
  readonly confirmed: number;
  /**
   * Appends one record and returns its sequence. When it returns, the record survives SIGKILL of this process.
   * Throws `JournalError` if the disk refuses or the size limit is reached; nothing is appended then.
   * @param gap the gap that ends with this record.
   * @param configuration applies from this record on; given if it differs from that of the record before.
   * @param epoch likewise.
   */
  append(
    usage: readonly Usage[],
    gap?: JournalGap,
    configuration?: MeteringConfiguration,
    epoch?: MeteringEpoch,
  ): number;
  /**
   * Returns up to `maxRecords` records after `afterSequence`, oldest first, of those that would survive a loss of
   * power. A record that others have seen is thus never forgotten, and no sequence is given twice. Starts later
   * than `afterSequence + 1` if that record was dropped.
   */
  read(afterSequence: number, maxRecords: number): Promise<readonly JournalRecord[]>;
  /**
   * The ledger has everything up to `sequence`. The records are kept for a while, in case the ledger loses its last
   * seconds, and may be dropped later. A sequence beyond the last one makes the next record follow it: the folder
   * is then an older copy of itself, and the ledger knows sequences that it lacks.
   */
  confirm(sequence: number): void;
  /**
   * The ledger has records only up to `sequence`, whatever it had confirmed. Later records are unconfirmed again,
   * and are dropped neither for age nor for space. A sequence not below the confirmed one changes nothing. Already
   * dropped records are lost, and no sequence is given again.
   */
  rewind(sequence: number): void;
  close(): Promise<void>;
}

/** A journal that reports when more can be read, so that shipping need not poll continuously. */
export interface WatchedJournal extends Journal {
  /** Calls `heard` whenever `read` can return more than before. One listener only. */
  onReadable(heard: () => void): void;
}

/** A run of journal records, added up. Its identity is (journalId, lastSequence). */
export interface UsageBatch {
  readonly journalId: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly usage: readonly Usage[];
  /** Gaps that ended with one of the records; absent if there are none. */
  readonly gaps?: readonly JournalGap[];
  /** Configurations that apply from one of the records on; absent if there are none. */
  readonly configurations?: readonly BatchConfiguration[];
  /** Epochs that apply from one of the records on; absent if there are none. */
  readonly epochs?: readonly LinkEpoch[];
}

export interface BatchConfiguration extends MeteringConfiguration {
  /** The first record to which it applies. */
  readonly sequence: number;
}

/** A batch as stored in the ledger. */
export interface TakenBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly kind: BatchKind;
  readonly leaves: readonly Leaf[];
}

export interface TakenBatches {
  /** The ledger keeps no batches up to this sequence, because they were taken before it stored batches. */
  readonly chainedFrom: number;
  readonly batches: readonly TakenBatch[];
}

/** Why a client is on billing hold. */
export const BILLING_HOLD_CODES = [
  /** The ledger and the journal have different usage for the same records. */
  'batches_differ',
  /** The ledger counts records as taken but has no batch of them. */
  'batches_missing',
  /** Records that the ledger once had are in neither ledger nor journal any more. */
  'records_lost',
  /** Usage is ahead of the ledger's clock: a gateway's clock is wrong. */
  'future_usage',
  /** The ledger lacks usage or invoice numbers that it had. Nothing is approved or issued; drafts are computed. */
  'ledger_set_back',
  /** An operator put the client on hold. */
  'operator',
] as const;
export type BillingHoldCode = (typeof BILLING_HOLD_CODES)[number];

export interface BillingHold {
  /** Null: all clients, because the affected ones are unknown. */
  readonly clientId: string | null;
  readonly code: BillingHoldCode;
  /** For people to read. */
  readonly reason: string;
}

export interface UsageLedger {
  /**
   * Takes a batch and its identity in one transaction, or nothing. Returns the ledger's last sequence of that
   * journal afterwards: `batch.lastSequence` if it was taken now or earlier, a smaller one if the ledger lacks the
   * records before `batch.firstSequence` (the caller returns to those and sends them first). A batch that begins
   * before the ledger's last sequence and ends after it is not taken (the caller continues from the result).
   */
  take(batch: UsageBatch): Promise<number>;
  /** The last sequence taken of a journal; 0 for an unknown one. */
  lastSequence(journalId: string): Promise<number>;
  /** The ledger's batches of a journal that end after `afterSequence`, oldest first. */
  taken(journalId: string, afterSequence: number, limit: number): Promise<TakenBatches>;
  /**
   * Skips records that neither ledger nor journal has any more, up to `lastSequence`. The chain records them as
   * lost, and all clients are put on hold. Returns the last sequence afterwards, like `take`.
   */
  skipLost(journalId: string, firstSequence: number, lastSequence: number, reason: string): Promise<number>;
  /** Puts clients on billing hold until an operator releases them. Repeating it for the same code changes nothing. */
  holdClients(holds: readonly BillingHold[]): Promise<void>;
  /** The ledger's clock, epoch milliseconds UTC. */
  clockMs(): Promise<number>;
  /** Posts that moves of identifiers have transferred after `afterSequence`, oldest first, at most `limit`. */
  movedPosts(afterSequence: number, limit: number): Promise<readonly MovedPosts[]>;
  /**
   * Posts per client and bucket from `fromMs` on, ordered by client, to rebuild a lost window. All pages are from
   * one snapshot (one repeatable-read transaction), and there is at least one page.
   */
  posts(fromMs: number): AsyncIterable<PostsPage>;
}

export interface PostsPage {
  /**
   * The last sequence taken of each journal in that snapshot: the posts contain exactly their records. Under
   * `MOVES_JOURNAL`: the last sequence of `movedPosts`.
   */
  readonly sequences: ReadonlyMap<string, number>;
  readonly posts: readonly ClientBucketPosts[];
}

export interface ClientBucketPosts {
  readonly clientId: string;
  readonly bucketMs: number;
  readonly posts: number;
}

/**
 * Posts that the ledger has transferred between clients because an identifier was moved: at the move, or later,
 * when usage arrived that was metered for the former client.
 */
export interface MovedPosts {
  /** Counts up by one from 1, in commit order. */
  readonly sequence: number;
  readonly fromClientId: string;
  readonly toClientId: string;
  readonly posts: ReadonlyArray<{ readonly bucketMs: number; readonly posts: number }>;
}

/** The journal id under which a window store notes how much of `movedPosts` it has. */
export const MOVES_JOURNAL = 'moves';

/** The posts of one client in the window that ends now. */
export interface Total {
  readonly clientId: string;
  readonly posts: number;
  /**
   * Start of the oldest bucket with posts in the window. The total falls when it leaves. Absent while the total is
   * 0.
   */
  readonly oldestMs?: number | undefined;
  /** The bucket for which the total was computed. */
  readonly asOfMs: number;
}

export interface WindowAdd {
  readonly clientId: string;
  readonly windowMs: number;
  /** Negative posts are those that a move takes from the client. They may arrive before the posts they belong to. */
  readonly posts: ReadonlyArray<{ readonly bucketMs: number; readonly posts: number }>;
}

/** Time and randomness as metering uses them, passed in so that tests can control them. */
export interface Timing {
  /** Epoch milliseconds UTC of the metering clock. It never steps back, and may stop for a while. */
  nowMs(): number;
  /** Milliseconds of a clock that never steps nor stops, for durations. */
  monotonicMs(): number;
  /** Resolves after `ms`, or as soon as `signal` is aborted; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** In [0, 1). Spreads the retries of many processes. */
  random(): number;
}

/** The position of a journal in a window store. */
export interface WindowBase {
  /** The life of the store. A rebuild starts a new one; a later life has a larger number. */
  readonly epoch: number;
  /** Everything of the journal up to here is in the store. */
  readonly lastSequence: number;
}

/**
 * Rolling totals shared by all processes: a cache of the ledger, never the source of money. A lost store returns
 * null from `base` and throws `WindowError` `window_lost` from `add` and `totals`, until one process has rebuilt it
 * (src/meter/rebuild.ts explains how, and why nothing is added twice).
 */
export interface WindowStore {
  /** Null while the store cannot be added to: it is new, was lost, or is being rebuilt. */
  base(journalId: string): Promise<WindowBase | null>;
  /**
   * Adds posts, at most once per (journal, sequence) and client, and returns the totals after it. `nowMs` is the
   * gateway's clock. Buckets that have left the window are ignored. `lastSequence` never skips: the journal's
   * batches come in order, each starting after the one before. Throws `WindowError`: `window_lost` if the store has
   * another life than `base` last returned, or is behind what was added.
   */
  add(
    journalId: string,
    lastSequence: number,
    adds: readonly WindowAdd[],
    nowMs: number,
  ): Promise<readonly Total[]>;
  totals(
    clients: ReadonlyArray<{ readonly clientId: string; readonly windowMs: number }>,
    nowMs: number,
  ): Promise<readonly Total[]>;
  /** Claims the rebuild. Returns the epoch to restore into, or null while another process rebuilds. */
  beginRebuild(nowMs: number): Promise<number | null>;
  /** Replaces the state of clients by the ledger's posts. */
  restore(epoch: number, clients: readonly WindowAdd[], nowMs: number): Promise<void>;
  /** Opens the new life. `base` returns it from now on, with each journal at the ledger's sequence. */
  endRebuild(epoch: number, sequences: ReadonlyMap<string, number>): Promise<void>;
  /**
   * Reports totals changed by other processes. Calls `missed` if some may have been missed (a connection was lost
   * and restored). Returns a stop function.
   */
  watch(listener: (totals: readonly Total[]) => void, missed?: () => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export type WindowErrorCode = 'window_away' | 'window_lost';

/** The window store cannot do what was requested now. Nothing is lost: the journal and the ledger have it. */
export class WindowError extends Error {
  override readonly name = 'WindowError';
  readonly code: WindowErrorCode;
  constructor(code: WindowErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type JournalErrorCode = 'journal_full' | 'journal_write_failed' | 'journal_locked' | 'journal_damaged';

/** The journal cannot take or return records. `message` names the folder and the fix. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
  readonly code: JournalErrorCode;
  constructor(code: JournalErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
