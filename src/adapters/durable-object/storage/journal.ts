/**
 * The journal in a Durable Object's SQLite storage: a record is on the disk before anybody hears of it, for the runtime
 * holds every answer back until then. What the ledger has confirmed is kept for a while, as in files.
 */

import type { SqlStorage } from '@cloudflare/workers-types';
import type { JournalGap } from '../../../meter/gaps.ts';
import type { LedgerRewind } from '../../../meter/ledger-shipment.ts';
import {
  type Journal,
  JournalError,
  type JournalRecord,
  type MeteringConfiguration,
} from '../../../meter/port.ts';
import type { Usage } from '../../../meter/usage.ts';
import { About } from './about.ts';
import { SqlMarks } from './marks.ts';
import { type KeptRecord, type RecordSource, SqlRecords } from './records.ts';

export interface SqlJournalOptions {
  readonly sql: SqlStorage;
  /** How long what the ledger has confirmed is kept and can be read again. */
  readonly retainMs: number;
  /** Bound of the whole storage; `append` throws `journal_full` where unconfirmed records alone reach it. */
  readonly maxBytes: number;
  /** Epoch milliseconds UTC. */
  readonly nowMs: () => number;
  /** A UUID for a storage that has no journal yet. */
  readonly newId: () => string;
  /** Called before records are dropped, so that what only they contain is written elsewhere. */
  readonly onDrop?: () => void;
}

/** Appends between two looks at the size of the storage. */
const SIZED_EVERY = 32;
/** Confirmed records that give way at once where there is no room. */
const GIVEN_WAY = 1_000;
/** Records let go at once for their age: requests wait meanwhile. */
const PRUNED_AT_ONCE = 20_000;
const READ_AT_ONCE = 1_000;

export class SqlJournal implements Journal {
  readonly id: string;
  lastSequence = 0;
  /** What the ledger has, as far as this journal knows and remembers. */
  confirmed = 0;
  /** Called if the ledger has less than it had. */
  onRewind: (rewind: LedgerRewind) => void = () => {};
  readonly #options: SqlJournalOptions;
  readonly #about: About;
  readonly #records: SqlRecords;
  readonly #marks: SqlMarks;
  #appends = 0;

  constructor(options: SqlJournalOptions) {
    this.#options = options;
    this.#about = new About(options.sql);
    this.#records = new SqlRecords(options.sql);
    this.#marks = new SqlMarks(options.sql);
    const known = this.#about.get<string>('journal_id');
    this.id = known ?? options.newId();
    if (known === null) this.#about.set('journal_id', this.id);
    this.reload();
  }

  /** Reads its state from the storage again: a transaction with appends in it was rolled back. */
  reload(): void {
    this.lastSequence = Math.max(this.#about.get<number>('journal_last') ?? 0, this.#records.newest);
    this.confirmed = this.#marks.confirmed;
  }

  get isEmpty(): boolean {
    return this.#records.oldest === 0;
  }

  /** When the ledger last confirmed anything, to the minute; 0 where nothing of that is kept. Epoch milliseconds. */
  get confirmedMs(): number {
    return this.#marks.newestMs;
  }

  append(
    usage: readonly Usage[],
    gap?: JournalGap,
    configuration?: MeteringConfiguration,
    source?: RecordSource,
  ): number {
    if (this.#appends++ % SIZED_EVERY === 0) this.#makeRoom();
    const sequence = this.lastSequence + 1;
    this.#records.add(sequence, usage, gap, configuration, source);
    this.lastSequence = sequence;
    return sequence;
  }

  /** Fewer than `maxRecords` where they hold much. */
  async read(afterSequence: number, maxRecords: number): Promise<readonly JournalRecord[]> {
    return this.#records.read(afterSequence, maxRecords);
  }

  /** Yields all records after this one, oldest first. At most `READ_AT_ONCE` are in memory. */
  *recordsAfter(sequence: number): Generator<KeptRecord> {
    let after = sequence;
    while (after < this.lastSequence) {
      const records = this.#records.read(after, READ_AT_ONCE);
      if (records.length === 0) return;
      yield* records;
      after = records.at(-1)!.sequence;
    }
  }

  confirm(sequence: number): void {
    if (sequence > this.lastSequence) {
      this.#about.set('journal_last', sequence);
      this.lastSequence = sequence;
    }
    if (sequence <= this.confirmed) return;
    this.confirmed = sequence;
    this.#marks.note(sequence, this.#options.nowMs());
  }

  rewind(sequence: number): void {
    const had = this.confirmed;
    if (sequence >= had) return;
    this.confirmed = sequence;
    this.#marks.rewind(sequence);
    this.onRewind({ journalId: this.id, had, has: sequence });
  }

  /** Lets go of what was confirmed long enough ago, some of it where that is much; true where more of it is left. */
  prune(): boolean {
    const agedMs = this.#options.nowMs() - this.#options.retainMs;
    const aged = this.#marks.confirmedBy(agedMs);
    if (aged === 0) return false;
    const { oldest } = this.#records;
    if (oldest > 0 && oldest <= aged) {
      const upTo = Math.min(aged, oldest + PRUNED_AT_ONCE - 1);
      this.#drop(upTo);
      if (upTo < aged) return true;
    }
    this.#marks.forget(agedMs, this.confirmed);
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
            `up to ${this.confirmed} alone: bring PostgreSQL back, or raise journal.maxBytes.`,
        );
      }
      this.#drop(Math.min(this.confirmed, oldest + GIVEN_WAY - 1));
    }
  }

  #drop(upTo: number): void {
    this.#options.onDrop?.();
    // Where no record is left, no sequence is given again all the same.
    if (upTo >= this.lastSequence) this.#about.set('journal_last', this.lastSequence);
    this.#records.drop(upTo);
  }
}
