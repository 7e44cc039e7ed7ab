/** What metering needs from outside: a journal that survives a crash, a ledger that takes each batch once, a window. */

import type { Leaf } from './chain/leaves.ts';
import type { BatchKind } from './chain/link.ts';
import type { Usage } from './usage.ts';

/** What a gateway served while its journal took nothing: known, and told, and never billed. */
export interface JournalGap {
  /** Epoch milliseconds UTC: the first response that could not be metered, and the last. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly responses: number;
  readonly posts: number;
}

/** Under which settings usage is metered. */
export interface MeteringConfiguration {
  /** Hex of SHA-256 over `content`. */
  readonly hash: string;
  /** JSON in the form of RFC 8785, without secrets; null for a journal that knows the hash alone. */
  readonly content: string | null;
  /** Of the program. */
  readonly version: string;
  /** Since when the process meters under it: epoch milliseconds UTC. */
  readonly fromMs: number;
}

export interface JournalRecord {
  /** Counts up by one from 1, per journal, without gaps. */
  readonly sequence: number;
  readonly usage: readonly Usage[];
  /** Ended with this record. */
  readonly gap?: JournalGap;
  /** Applies to this record and those after it, until another does. */
  readonly configuration?: MeteringConfiguration;
  /**
   * The disk has lost what the record held: `usage` is empty whatever it was, and the first of such a run has a gap.
   * The ledger may have taken it before, as it was.
   */
  readonly isDamaged?: true;
}

/** A gateway's own durable record of usage that the ledger has not confirmed yet. One writer. */
export interface Journal {
  /** Identity of this journal; never reused by another. */
  readonly id: string;
  /** The sequence of the newest record; 0 while there is none. */
  readonly lastSequence: number;
  /** The ledger had everything up to here when it last answered, as far as the journal has kept that; 0 for nothing. */
  readonly confirmed: number;
  /**
   * Appends one record and returns its sequence. When it returns, the record survives SIGKILL of this process.
   * Throws `JournalError` where the disk refuses or the bound is reached; nothing is appended then.
   * @param gap that ends with this record.
   * @param configuration that applies from this record on, where it differs from that of the record before.
   */
  append(usage: readonly Usage[], gap?: JournalGap, configuration?: MeteringConfiguration): number;
  /**
   * Up to `maxRecords` records after `afterSequence`, oldest first, of those that would survive a loss of power:
   * what others are told is never forgotten here, so a sequence is never given twice. Begins later than
   * `afterSequence + 1` where that was dropped.
   */
  read(afterSequence: number, maxRecords: number): Promise<readonly JournalRecord[]>;
  /**
   * The ledger has everything up to `sequence`. It is kept for a while all the same, for a ledger that loses its last
   * seconds, and may be dropped then. A sequence beyond the last one makes the next record follow it (the folder is an
   * older copy of itself, and the ledger knows sequences that it has not).
   */
  confirm(sequence: number): void;
  /**
   * The ledger has records up to `sequence` alone, whatever it had confirmed: what follows is unconfirmed again, and is
   * dropped neither for its age nor for room. One that is not less than what is confirmed changes nothing. What was
   * dropped before is gone, and no sequence is given again.
   */
  setBack(sequence: number): void;
  close(): Promise<void>;
}

/** A journal that reports when it has more to read, so that shipping need not look all the time. */
export interface WatchedJournal extends Journal {
  /** Calls `heard` whenever `read` can return more than before. One listener. */
  onReadable(heard: () => void): void;
}

/** A run of journal records, added up. Its identity is (journalId, lastSequence). */
export interface UsageBatch {
  readonly journalId: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly usage: readonly Usage[];
  /** That ended with one of the records; absent where none did. */
  readonly gaps?: readonly JournalGap[];
  /** That apply from one of the records on; absent where none does. */
  readonly configurations?: readonly BatchConfiguration[];
}

export interface BatchConfiguration extends MeteringConfiguration {
  /** The first record to which it applies. */
  readonly sequence: number;
}

/** A batch as the ledger has kept it. */
export interface TakenBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly kind: BatchKind;
  readonly leaves: readonly Leaf[];
}

export interface Taken {
  /** Of what was taken up to here the ledger keeps no batches: it is older than they are. */
  readonly chainedFrom: number;
  readonly batches: readonly TakenBatch[];
}

/** Why billing of a client has stopped. */
export const PARKING_CODES = [
  /** The ledger and the journal tell different usage of the same records. */
  'batches_differ',
  /** The ledger says that it took records and has no batch of them. */
  'batches_missing',
  /** Records that the ledger once had are in neither of the two any more. */
  'records_lost',
  /** Usage lies in the ledger's future: a gateway's clock is wrong. */
  'future_usage',
  /** The ledger lacks usage or invoice numbers that it had: nothing is approved or issued, drafts are computed. */
  'ledger_set_back',
  /** An operator stopped it. */
  'operator',
] as const;
export type ParkingCode = (typeof PARKING_CODES)[number];

export interface Parking {
  /** Null: all clients, where nobody can tell which are concerned. */
  readonly clientId: string | null;
  readonly code: ParkingCode;
  /** For a person to read. */
  readonly reason: string;
}

export interface UsageLedger {
  /**
   * Takes a batch and its identity in one transaction, or nothing. Returns the ledger's last sequence of that
   * journal afterwards: `batch.lastSequence` where it was taken now or before, a smaller one where the ledger has
   * not seen the records before `batch.firstSequence` (the caller goes back and offers those first). A batch that
   * begins before the ledger's last sequence and ends after it is not taken (the caller goes on from the answer).
   */
  take(batch: UsageBatch): Promise<number>;
  /** The last sequence taken of a journal; 0 for one that it does not know. */
  lastSequence(journalId: string): Promise<number>;
  /** The batches that the ledger keeps of a journal and that end after `afterSequence`, oldest first. */
  taken(journalId: string, afterSequence: number, limit: number): Promise<Taken>;
  /**
   * Goes over records that are in neither ledger nor journal any more, up to `lastSequence`: they stand in the chain as
   * lost, and all clients are parked. Returns the last sequence afterwards, as `take` does.
   */
  skipLost(journalId: string, firstSequence: number, lastSequence: number, reason: string): Promise<number>;
  /** Stops billing of clients until an operator releases them. Again for the same code changes nothing. */
  park(parkings: readonly Parking[]): Promise<void>;
  /** The ledger's clock, epoch milliseconds UTC. */
  clockMs(): Promise<number>;
  /** What moves of identifiers have moved after `afterSequence`, oldest first, at most `limit`. */
  movedPosts(afterSequence: number, limit: number): Promise<readonly MovedPosts[]>;
  /**
   * Posts per client and bucket from `fromMs` on, ordered by client, to rebuild a window that was lost. All pages
   * show one and the same moment (one repeatable-read transaction), and there is at least one page.
   */
  posts(fromMs: number): AsyncIterable<PostsPage>;
}

export interface PostsPage {
  /**
   * The last sequence taken of each journal at that moment: exactly their records are in the posts. Under
   * `MOVES_JOURNAL`: the last sequence of `movedPosts`.
   */
  readonly sequences: ReadonlyMap<string, number>;
  readonly posts: readonly ClientPosts[];
}

export interface ClientPosts {
  readonly clientId: string;
  readonly bucketMs: number;
  readonly posts: number;
}

/**
 * Posts that the ledger has moved from one client to another, because an identifier was moved: when the move was made,
 * or later, when usage arrived that was metered for the former client.
 */
export interface MovedPosts {
  /** Counts up by one from 1, in the order of commits. */
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
  /** Start of the oldest bucket with posts in the window: when it leaves, the total falls. Absent while 0. */
  readonly oldestMs?: number | undefined;
  /** The bucket for which the total was taken. */
  readonly asOfMs: number;
}

export interface WindowAdd {
  readonly clientId: string;
  readonly windowMs: number;
  /** Negative posts are those that a move takes from the client. They may come before the posts that they belong to. */
  readonly posts: ReadonlyArray<{ readonly bucketMs: number; readonly posts: number }>;
}

/** Time and chance as metering sees them, handed in so that a test can hold them. */
export interface Timing {
  /** Epoch milliseconds UTC, of the metering clock: it never steps back, and may stand still for a while. */
  nowMs(): number;
  /** Milliseconds that never step nor stand still: how long something took, or is to take. */
  monotonicMs(): number;
  /** Resolves after `ms`, or as soon as `signal` is aborted; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** In [0, 1): spreads the retries of many processes. */
  random(): number;
}

/** Where a journal stands in a window store. */
export interface WindowBase {
  /** Which life of the store this is. A rebuild begins a new one; a later life has a larger number. */
  readonly epoch: number;
  /** Everything of the journal up to here is in the store. */
  readonly lastSequence: number;
}

/**
 * Rolling totals shared by all processes: a cache of the ledger, never the source of money. A store that was lost
 * answers null to `base` and throws `WindowError` `window_lost` from `add` and `totals`, until one process has rebuilt it
 * (src/meter/rebuild.ts says how, and why nothing is added twice).
 */
export interface WindowStore {
  /** Null while the store holds nothing that can be added to: it is new, was lost, or is being rebuilt. */
  base(journalId: string): Promise<WindowBase | null>;
  /**
   * Adds posts, at most once per (journal, sequence) and client, and answers the totals after it. `nowMs` is the
   * gateway's clock. Buckets that have left the window are ignored. `lastSequence` never skips: the journal's
   * batches come in order, each starting after the one before. Throws `WindowError`: `window_lost` where the store
   * is of another life than `base` last answered, or stands behind what was added.
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
  /** Claims the rebuilding: answers the epoch to restore into, or null while another process is at it. */
  beginRebuild(nowMs: number): Promise<number | null>;
  /** Replaces what is known of clients by the ledger's posts. */
  restore(epoch: number, clients: readonly WindowAdd[], nowMs: number): Promise<void>;
  /** Opens the new life: `base` answers it from now on, with the journals where the ledger had them. */
  endRebuild(epoch: number, sequences: ReadonlyMap<string, number>): Promise<void>;
  /**
   * Totals that other processes caused, as they happen; `missed` where some may have been missed (a connection was
   * lost and is back). Returns a function that stops it.
   */
  watch(listener: (totals: readonly Total[]) => void, missed?: () => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export type WindowErrorCode = 'window_away' | 'window_lost';

/** The window store cannot do what was asked now; nothing is lost by it, the journal and the ledger have it. */
export class WindowError extends Error {
  override readonly name = 'WindowError';
  readonly code: WindowErrorCode;
  constructor(code: WindowErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type JournalErrorCode = 'journal_full' | 'journal_write_failed' | 'journal_locked' | 'journal_damaged';

/** The journal cannot take or give records; `message` names the folder and the mend. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
  readonly code: JournalErrorCode;
  constructor(code: JournalErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
