/** Which usage of which isolate a client's object has: each sender's last sequence, for a day after it was heard. */

import type { SqlStorage } from '@cloudflare/workers-types';

/** A sender sends one thing at a time and again until it is answered, for seconds; a day is beyond all doubt. */
const FORGOTTEN_AFTER_MS = 86_400_000;
/** Old ones are found by reading all: an index would be one more row written with every usage. */
const PRUNED_EVERY_MS = 3_600_000;

export class Senders {
  readonly #sql: SqlStorage;
  #prunedMs = Number.NEGATIVE_INFINITY;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`create table if not exists senders (
      sender text primary key, sequence integer not null, heard_ms integer not null) without rowid`);
  }

  /** Notes the sequence; false where the sender's usage up to it is here already. */
  note(sender: string, sequence: number, nowMs: number): boolean {
    const noted = this.#sql.exec(
      `insert into senders (sender, sequence, heard_ms) values (?, ?, ?)
       on conflict do update set sequence = excluded.sequence, heard_ms = excluded.heard_ms
       where excluded.sequence > sequence returning 1`,
      sender,
      sequence,
      nowMs,
    );
    return noted.toArray().length > 0;
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
}
