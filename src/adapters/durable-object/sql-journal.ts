/**
 * The journal in a Durable Object's SQLite storage: a record is on the disk before anybody hears of it, for the runtime
 * holds every answer back until then. One row a record, pieces where one is long; what the ledger has confirmed is kept
 * for a while, as in files.
 */

import type { SqlStorage } from '@cloudflare/workers-types';
import { type Journal, JournalError, type JournalGap, type JournalRecord } from '../../meter/port.ts';
import type { Usage } from '../../meter/usage.ts';
import { parsePayload, payloadOf } from '../node/journal-payload.ts';
import { About } from './about.ts';

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
}

/** A row of the storage holds 2 MB at most. */
const PIECE_BYTES = 1_000_000;
/** Read at once: an isolate has 128 MB for all its objects, and a record takes a few times its bytes. */
const READ_BYTES = 4_000_000;
/** Confirmations of the same minute are one mark. */
const MARK_MS = 60_000;
/** Appends between two looks at the size of the storage. */
const SIZED_EVERY = 32;
/** Confirmed records that give way at once where there is no room. */
const GIVEN_WAY = 1_000;

const SCHEMA = `
  create table if not exists journal_records (
    sequence integer not null, piece integer not null, payload blob not null, primary key (sequence, piece)
  ) without rowid;
  create table if not exists journal_confirmed (until_ms integer primary key, sequence integer not null);`;

export class SqlJournal implements Journal {
  readonly id: string;
  lastSequence = 0;
  /** What the ledger has, as far as this journal was told and remembers. */
  confirmed = 0;
  readonly #options: SqlJournalOptions;
  readonly #sql: SqlStorage;
  readonly #about: About;
  #appends = 0;

  constructor(options: SqlJournalOptions) {
    this.#options = options;
    this.#sql = options.sql;
    this.#about = new About(options.sql);
    this.#sql.exec(SCHEMA);
    const known = this.#about.get<string>('journal_id');
    this.id = known ?? options.newId();
    if (known === null) this.#about.set('journal_id', this.id);
    this.reload();
  }

  /** Reads its state from the storage again: a transaction with appends in it was rolled back. */
  reload(): void {
    this.lastSequence = Math.max(
      this.#about.get<number>('journal_last') ?? 0,
      this.#number('select max(sequence) as number from journal_records'),
    );
    this.confirmed = this.#number('select max(sequence) as number from journal_confirmed');
  }

  get isEmpty(): boolean {
    return this.#number('select exists (select 1 from journal_records) as number') === 0;
  }

  /** When the ledger last confirmed anything, to the minute; 0 where nothing of that is kept. Epoch milliseconds. */
  get confirmedMs(): number {
    return this.#number('select max(until_ms) as number from journal_confirmed');
  }

  append(usage: readonly Usage[], gap?: JournalGap): number {
    if (this.#appends++ % SIZED_EVERY === 0) this.#makeRoom();
    const sequence = this.lastSequence + 1;
    const payload = new TextEncoder().encode(payloadOf(usage, gap));
    for (let piece = 0; piece * PIECE_BYTES < payload.length; piece++) {
      this.#sql.exec(
        'insert into journal_records (sequence, piece, payload) values (?, ?, ?)',
        sequence,
        piece,
        payload.slice(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES),
      );
    }
    this.lastSequence = sequence;
    return sequence;
  }

  /** Fewer than `maxRecords` where they hold much. */
  async read(afterSequence: number, maxRecords: number): Promise<readonly JournalRecord[]> {
    const upTo = this.#endOfRead(afterSequence, maxRecords);
    const rows = this.#sql
      .exec<{ sequence: number; payload: ArrayBuffer }>(
        'select sequence, payload from journal_records where sequence > ? and sequence <= ? order by sequence, piece',
        afterSequence,
        upTo,
      )
      .toArray();
    const records: JournalRecord[] = [];
    for (let at = 0; at < rows.length; ) {
      const { sequence } = rows[at]!;
      const decoder = new TextDecoder();
      let text = '';
      for (; rows[at]?.sequence === sequence; at++) {
        text += decoder.decode(rows[at]!.payload, { stream: true });
      }
      records.push({ sequence, ...parsePayload(text) });
    }
    return records;
  }

  confirm(sequence: number): void {
    if (sequence > this.lastSequence) {
      this.#about.set('journal_last', sequence);
      this.lastSequence = sequence;
    }
    if (sequence > this.confirmed) {
      this.confirmed = sequence;
      const untilMs = (Math.floor(this.#options.nowMs() / MARK_MS) + 1) * MARK_MS;
      this.#sql.exec(
        `insert into journal_confirmed (until_ms, sequence) values (?, ?)
         on conflict (until_ms) do update set sequence = excluded.sequence`,
        untilMs,
        sequence,
      );
    }
    this.prune();
  }

  setBack(sequence: number): void {
    if (sequence >= this.confirmed) return;
    this.confirmed = sequence;
    this.#sql.exec('delete from journal_confirmed where sequence > ?', sequence);
  }

  /** Lets go of what was confirmed long enough ago. */
  prune(): void {
    const agedMs = this.#options.nowMs() - this.#options.retainMs;
    const aged = this.#number(
      'select max(sequence) as number from journal_confirmed where until_ms <= ?',
      agedMs,
    );
    if (aged === 0) return;
    this.#drop(aged);
    // The newest mark tells after an eviction how far the ledger is.
    this.#sql.exec(
      'delete from journal_confirmed where until_ms <= ? and sequence < ?',
      agedMs,
      this.confirmed,
    );
  }

  async close(): Promise<void> {}

  #endOfRead(afterSequence: number, maxRecords: number): number {
    let upTo = afterSequence;
    let bytes = 0;
    const sizes = this.#sql.exec<{ sequence: number; bytes: number }>(
      `select sequence, sum(length(payload)) as bytes from journal_records where sequence > ?
       group by sequence order by sequence limit ?`,
      afterSequence,
      maxRecords,
    );
    for (const row of sizes.toArray()) {
      bytes += row.bytes;
      if (upTo > afterSequence && bytes > READ_BYTES) break;
      upTo = row.sequence;
    }
    return upTo;
  }

  #makeRoom(): void {
    while (this.#sql.databaseSize >= this.#options.maxBytes) {
      const oldest = this.#number('select min(sequence) as number from journal_records');
      if (oldest === 0 || oldest > this.confirmed) {
        throw new JournalError(
          'journal_full',
          `The journal of this object has reached ${this.#options.maxBytes} bytes, and the ledger has confirmed records ` +
            `up to ${this.confirmed} alone: bring PostgreSQL back, or raise journal.maxBytes.`,
        );
      }
      this.#drop(Math.min(this.confirmed, oldest + GIVEN_WAY - 1));
    }
  }

  #drop(upTo: number): void {
    const dropped = this.#number(
      'select exists (select 1 from journal_records where sequence <= ?) as number',
      upTo,
    );
    if (dropped === 0) return;
    // Where no record is left, no sequence is given again all the same.
    this.#about.set('journal_last', this.lastSequence);
    this.#sql.exec('delete from journal_records where sequence <= ?', upTo);
  }

  /** The one number of a query; 0 for null. */
  #number(query: string, ...values: number[]): number {
    return this.#sql.exec<{ number: number | null }>(query, ...values).one().number ?? 0;
  }
}
