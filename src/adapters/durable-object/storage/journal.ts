/**
 * The journal in a Durable Object's SQLite storage. A record is on disk before any caller learns of it, because the
 * runtime delays every response of the object until then. Confirmed records are retained for a while, as in files.
 */

import type { SqlStorage } from '@cloudflare/workers-types';
import type { MeteringEpoch } from '../../../meter/chain/epochs.ts';
import type { JournalGap } from '../../../meter/gaps.ts';
import type { LedgerRewind } from '../../../meter/ledger-shipment.ts';
import {
  type Journal,
  JournalError,
  type JournalRecord,
  type MeteringConfiguration,
} from '../../../meter/port.ts';
import type { Usage } from '../../../meter/usage.ts';
import { SqlConfirmations } from './confirmations.ts';
import { ObjectMeta } from './object-meta.ts';
import { type RecordSource, SqlRecords, type StoredRecord } from './records.ts';

export interface SqlJournalOptions {
  readonly sql: SqlStorage;
  /** Retention of confirmed records. They can be read until then. */
  readonly retainMs: number;
  /** Limit of the whole storage. `append` throws `journal_full` if unconfirmed records alone reach it. */
  readonly maxBytes: number;
  /** Epoch milliseconds UTC. */
  readonly nowMs: () => number;
  /** Returns a UUID for a storage that has no journal yet. */
  readonly newId: () => string;
  /** Called before records are deleted, so that the caller writes elsewhere what only they contain. */
  readonly onDelete?: () => void;
}

/** Appends between two checks of the storage size. */
const APPENDS_PER_CHECK = 32;
/** Confirmed records deleted at a time if the storage is full. */
const MAX_EVICTED = 1_000;
/** Records deleted at a time for their age. Requests wait in the meantime. */
const MAX_PRUNED = 20_000;
const MAX_READ = 1_000;

export class SqlJournal implements Journal {
  readonly id: string;
  lastSequence = 0;
  /** The last sequence that the ledger has confirmed, as far as it is stored here. */
  confirmed = 0;
  /** Called if the ledger has fewer records than it had confirmed. */
  onRewind: (setback: LedgerRewind) => void = () => {};
  readonly #options: SqlJournalOptions;
  readonly #meta: ObjectMeta;
  readonly #records: SqlRecords;
  readonly #confirmations: SqlConfirmations;
  #appends = 0;

  constructor(options: SqlJournalOptions) {
    this.#options = options;
    this.#meta = new ObjectMeta(options.sql);
    this.#records = new SqlRecords(options.sql);
    this.#confirmations = new SqlConfirmations(options.sql);
    const known = this.#meta.get<string>('journal_id');
    this.id = known ?? options.newId();
    if (known === null) this.#meta.set('journal_id', this.id);
    this.reload();
  }

  /** Reads the state from storage again, because a transaction with appends was rolled back. */
  reload(): void {
    this.lastSequence = Math.max(this.#meta.get<number>('journal_last') ?? 0, this.#records.newest);
    this.confirmed = this.#confirmations.lastSequence;
  }

  get isEmpty(): boolean {
    return this.#records.oldest === 0;
  }

  /** Time of the ledger's last confirmation, rounded up to the minute, in epoch milliseconds; 0 if none is stored. */
  get confirmedMs(): number {
    return this.#confirmations.lastMs;
  }

  append(
    usage: readonly Usage[],
    gap?: JournalGap,
    configuration?: MeteringConfiguration,
    epoch?: MeteringEpoch,
    source?: RecordSource,
  ): number {
    if (this.#appends++ % APPENDS_PER_CHECK === 0) this.#makeRoom();
    const sequence = this.lastSequence + 1;
    this.#records.add({
      sequence,
      usage,
      ...(gap && { gap }),
      ...(configuration && { configuration }),
      ...(epoch && { epoch }),
      ...(source && { source }),
    });
    this.lastSequence = sequence;
    return sequence;
  }

  /** Returns fewer than `maxRecords` if they are large. */
  async read(afterSequence: number, maxRecords: number): Promise<readonly JournalRecord[]> {
    return this.#records.read(afterSequence, maxRecords);
  }

  /** Yields all records after this one, oldest first. At most `MAX_READ` are in memory. */
  *recordsAfter(sequence: number): Generator<StoredRecord> {
    let after = sequence;
    while (after < this.lastSequence) {
      const records = this.#records.read(after, MAX_READ);
      if (records.length === 0) return;
      yield* records;
      after = records.at(-1)!.sequence;
    }
  }

  confirm(sequence: number): void {
    if (sequence > this.lastSequence) {
      this.#meta.set('journal_last', sequence);
      this.lastSequence = sequence;
    }
    if (sequence <= this.confirmed) return;
    this.confirmed = sequence;
    this.#confirmations.add(sequence, this.#options.nowMs());
  }

  rewind(sequence: number): void {
    const had = this.confirmed;
    if (sequence >= had) return;
    this.confirmed = sequence;
    this.#confirmations.revokeAfter(sequence);
    this.onRewind({ journalId: this.id, had, has: sequence });
  }

  /** Deletes up to `MAX_PRUNED` records whose retention has ended. Returns true if more are left. */
  prune(): boolean {
    const expiredMs = this.#options.nowMs() - this.#options.retainMs;
    const expired = this.#confirmations.confirmedBy(expiredMs);
    if (expired === 0) return false;
    const { oldest } = this.#records;
    if (oldest > 0 && oldest <= expired) {
      const upTo = Math.min(expired, oldest + MAX_PRUNED - 1);
      this.#deleteUpTo(upTo);
      if (upTo < expired) return true;
    }
    this.#confirmations.prune(expiredMs, this.confirmed);
    return false;
  }

  async close(): Promise<void> {}

  #makeRoom(): void {
    const { sql, maxBytes } = this.#options;
    while (sql.databaseSize >= maxBytes) {
      const { oldest } = this.#records;
      if (oldest === 0 || oldest > this.confirmed) {
        throw new JournalError(
          'journal_full',
          `The journal of this object has reached ${maxBytes} bytes, and the ledger has confirmed records ` +
            `only up to ${this.confirmed}. Restore the connection to PostgreSQL, or raise journal.maxBytes.`,
        );
      }
      this.#deleteUpTo(Math.min(this.confirmed, oldest + MAX_EVICTED - 1));
    }
  }

  #deleteUpTo(upTo: number): void {
    this.#options.onDelete?.();
    // Without a record the next start would give a sequence twice.
    if (upTo >= this.lastSequence) this.#meta.set('journal_last', this.lastSequence);
    this.#records.deleteUpTo(upTo);
  }
}
