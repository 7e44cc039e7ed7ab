/**
 * The last sequence of each producer (an isolate), for a day after its last usage. An object thereby recognises usage that
 * is sent again. New sequences are only in memory until `flush`.
 */

import type { SqlStorage } from '@cloudflare/workers-types';
import { scalar } from './sql.ts';

/** A producer has one call in flight and retries for seconds, so a state that is older than a day is safe to delete. */
const RETAIN_MS = 86_400_000;
/** Pruning reads every row, because an index would cost another row for each that is written. */
const PRUNE_EVERY_MS = 3_600_000;
/** Limit of the cache. Producers beyond it are read from storage again. */
const MAX_CACHED = 1_000;

export class SqlProducers {
  readonly #sql: SqlStorage;
  /** By producer id. */
  readonly #lastSequences = new Map<string, number>();
  /** Time of the last usage of each producer whose last sequence is not written yet. */
  readonly #unwritten = new Map<string, number>();
  #prunedMs = Number.NEGATIVE_INFINITY;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`create table if not exists senders (
      sender text primary key, sequence integer not null, heard_ms integer not null) without rowid`);
  }

  /** Discards what was not flushed, because a transaction was rolled back. */
  reload(): void {
    this.#lastSequences.clear();
    this.#unwritten.clear();
  }

  /** False if the object already has the producer's usage with this sequence. */
  isNew(producerId: string, sequence: number): boolean {
    return sequence > this.#lastSequenceOf(producerId);
  }

  /** @param sequence must be new. */
  advance(producerId: string, sequence: number, nowMs: number): void {
    this.#lastSequences.set(producerId, sequence);
    this.#unwritten.set(producerId, nowMs);
  }

  /** Writes the rows of producers that advanced since the last flush. */
  flush(): void {
    for (const [producerId, heardMs] of this.#unwritten) {
      this.#sql.exec(
        `insert into senders (sender, sequence, heard_ms) values (?, ?, ?)
         on conflict do update set sequence = excluded.sequence, heard_ms = excluded.heard_ms`,
        producerId,
        this.#lastSequences.get(producerId)!,
        heardMs,
      );
    }
    this.#unwritten.clear();
    if (this.#lastSequences.size > MAX_CACHED) this.#lastSequences.clear();
  }

  /** Deletes old producers, at most once an hour. The clock may have been set back since the last call. */
  prune(nowMs: number): void {
    if (Math.abs(nowMs - this.#prunedMs) < PRUNE_EVERY_MS) return;
    this.#sql.exec('delete from senders where heard_ms <= ?', nowMs - RETAIN_MS);
    this.#prunedMs = nowMs;
  }

  get isEmpty(): boolean {
    return scalar(this.#sql, 'select exists (select 1 from senders) as number') === 0;
  }

  #lastSequenceOf(producerId: string): number {
    const query = 'select max(sequence) as number from senders where sender = ?';
    return this.#lastSequences.get(producerId) ?? scalar(this.#sql, query, producerId);
  }
}
