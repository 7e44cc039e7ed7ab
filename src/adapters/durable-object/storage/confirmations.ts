/** When the ledger confirmed which records of a journal: one row per minute, stored as long as the records. */

import type { SqlStorage } from '@cloudflare/workers-types';
import { scalar } from './sql.ts';

/** Confirmations of the same minute share a row. */
const ROW_MS = 60_000;

export class SqlConfirmations {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      'create table if not exists journal_confirmed (until_ms integer primary key, sequence integer not null)',
    );
  }

  /** The last confirmed sequence; 0 if no row is left. */
  get lastSequence(): number {
    return scalar(this.#sql, 'select max(sequence) as number from journal_confirmed');
  }

  /** Time of the last confirmation, rounded up to the minute, in epoch milliseconds; 0 if no row is left. */
  get lastMs(): number {
    return scalar(this.#sql, 'select max(until_ms) as number from journal_confirmed');
  }

  add(sequence: number, nowMs: number): void {
    this.#sql.exec(
      `insert into journal_confirmed (until_ms, sequence) values (?, ?)
       on conflict (until_ms) do update set sequence = excluded.sequence`,
      (Math.floor(nowMs / ROW_MS) + 1) * ROW_MS,
      sequence,
    );
  }

  /** Revokes the confirmation of records after `sequence`. */
  revokeAfter(sequence: number): void {
    this.#sql.exec('delete from journal_confirmed where sequence > ?', sequence);
  }

  /** The last sequence confirmed at `throughMs` or earlier; 0 if there is none. */
  confirmedBy(throughMs: number): number {
    const query = 'select max(sequence) as number from journal_confirmed where until_ms <= ?';
    return scalar(this.#sql, query, throughMs);
  }

  /** Deletes old rows except the newest one, which tells how far the ledger is after an eviction. */
  prune(throughMs: number, confirmed: number): void {
    this.#sql.exec(
      'delete from journal_confirmed where until_ms <= ? and sequence < ?',
      throughMs,
      confirmed,
    );
  }
}
