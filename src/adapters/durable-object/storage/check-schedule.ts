/**
 * When the directory object checks which client object. Each is checked until it reports, at its last check, that the
 * ledger has all of its usage. Object ids are hex; times are epoch milliseconds.
 */

import type { SqlStorage } from '@cloudflare/workers-types';

export class SqlCheckSchedule {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`create table if not exists looked_after (
      object_id text primary key, next_ms integer not null, until_ms integer not null) without rowid;
      create index if not exists looked_after_next on looked_after (next_ms);`);
  }

  /** Schedules the next check at `atMs` or earlier, and the last check at `atMs` or later. */
  add(objectId: string, atMs: number): void {
    this.#sql.exec(
      `insert into looked_after (object_id, next_ms, until_ms) values (?1, ?2, ?2) on conflict (object_id)
       do update set next_ms = min(next_ms, excluded.next_ms), until_ms = max(until_ms, excluded.until_ms)`,
      objectId,
      atMs,
    );
  }

  /** Returns the objects whose next check is due, the longest overdue first. */
  due(nowMs: number, limit: number): string[] {
    const query = 'select object_id from looked_after where next_ms <= ? order by next_ms limit ?';
    return this.#sql
      .exec<{ object_id: string }>(query, nowMs, limit)
      .toArray()
      .map((row) => row.object_id);
  }

  /** The object has shipped everything. Its next check is its last one. */
  confirm(objectId: string, nowMs: number): void {
    this.#sql.exec('delete from looked_after where object_id = ? and until_ms <= ?', objectId, nowMs);
    this.#sql.exec('update looked_after set next_ms = until_ms where object_id = ?', objectId);
  }

  /** The object has not shipped everything, or does not answer. */
  retry(objectId: string, atMs: number): void {
    this.#sql.exec('update looked_after set next_ms = ? where object_id = ?', atMs, objectId);
  }
}
