/**
 * Which usage of which isolate a client's object has: each sender's last sequence, for a day after it was heard. What
 * is noted is in memory alone until `settle`.
 */

import type { SqlStorage } from '@cloudflare/workers-types';
import { numberOf } from './storage/number-of.ts';

/** A sender sends one thing at a time and again until it is answered, for seconds; a day is beyond all doubt. */
const FORGOTTEN_AFTER_MS = 86_400_000;
/** Old ones are found by reading all: an index would be one more row for each that is written. */
const PRUNED_EVERY_MS = 3_600_000;
/** Remembered beyond those that have no row yet: the others are read again. */
const MAX_REMEMBERED = 1_000;

export class Senders {
  readonly #sql: SqlStorage;
  readonly #last = new Map<string, number>();
  /** When those were heard that have no row with their last sequence yet. */
  readonly #unwritten = new Map<string, number>();
  #prunedMs = Number.NEGATIVE_INFINITY;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`create table if not exists senders (
      sender text primary key, sequence integer not null, heard_ms integer not null) without rowid`);
  }

  /** Forgets what was not settled: a transaction was rolled back. */
  reload(): void {
    this.#last.clear();
    this.#unwritten.clear();
  }

  /** False if the sender's usage up to this sequence is here already. */
  isNew(sender: string, sequence: number): boolean {
    return sequence > this.#lastOf(sender);
  }

  /** Takes note of a sequence that is new. */
  note(sender: string, sequence: number, nowMs: number): void {
    this.#last.set(sender, sequence);
    this.#unwritten.set(sender, nowMs);
  }

  /** Writes what was noted since the last time. */
  settle(): void {
    for (const [sender, heardMs] of this.#unwritten) {
      this.#sql.exec(
        `insert into senders (sender, sequence, heard_ms) values (?, ?, ?)
         on conflict do update set sequence = excluded.sequence, heard_ms = excluded.heard_ms`,
        sender,
        this.#last.get(sender)!,
        heardMs,
      );
    }
    this.#unwritten.clear();
    if (this.#last.size > MAX_REMEMBERED) this.#last.clear();
  }

  /** Looks for old ones once an hour at most, by a clock that may have been put back. */
  prune(nowMs: number): void {
    if (Math.abs(nowMs - this.#prunedMs) < PRUNED_EVERY_MS) return;
    this.#sql.exec('delete from senders where heard_ms <= ?', nowMs - FORGOTTEN_AFTER_MS);
    this.#prunedMs = nowMs;
  }

  get isEmpty(): boolean {
    const query = 'select exists (select 1 from senders) as some';
    return this.#sql.exec<{ some: number }>(query).one().some === 0;
  }

  #lastOf(sender: string): number {
    const last = this.#last.get(sender);
    if (last !== undefined) return last;
    const query = 'select max(sequence) as number from senders where sender = ?';
    return numberOf(this.#sql, query, sender);
  }
}
