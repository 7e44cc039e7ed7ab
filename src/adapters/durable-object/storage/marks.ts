/** When the ledger confirmed which records of a journal: a mark a minute, kept as long as the records are. */

import type { SqlStorage } from '@cloudflare/workers-types';
import { numberOf } from './number-of.ts';

/** Confirmations of the same minute are one mark. */
const MARK_MS = 60_000;

export class SqlMarks {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      'create table if not exists journal_confirmed (until_ms integer primary key, sequence integer not null)',
    );
  }

  /** The last sequence that was confirmed; 0 where nothing of that is kept. */
  get confirmed(): number {
    return numberOf(this.#sql, 'select max(sequence) as number from journal_confirmed');
  }

  /** When anything was confirmed last, to the minute; 0 where nothing of that is kept. Epoch milliseconds. */
  get newestMs(): number {
    return numberOf(this.#sql, 'select max(until_ms) as number from journal_confirmed');
  }

  note(sequence: number, nowMs: number): void {
    this.#sql.exec(
      `insert into journal_confirmed (until_ms, sequence) values (?, ?)
       on conflict (until_ms) do update set sequence = excluded.sequence`,
      (Math.floor(nowMs / MARK_MS) + 1) * MARK_MS,
      sequence,
    );
  }

  rewind(sequence: number): void {
    this.#sql.exec('delete from journal_confirmed where sequence > ?', sequence);
  }

  /** The last sequence that was confirmed at `throughMs` or before; 0 for none. */
  confirmedBy(throughMs: number): number {
    const query = 'select max(sequence) as number from journal_confirmed where until_ms <= ?';
    return numberOf(this.#sql, query, throughMs);
  }

  /** All but the newest: after an eviction that one tells how far the ledger is. */
  forget(throughMs: number, confirmed: number): void {
    this.#sql.exec(
      'delete from journal_confirmed where until_ms <= ? and sequence < ?',
      throughMs,
      confirmed,
    );
  }
}
