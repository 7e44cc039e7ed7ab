/** The objects of clients whose alarms failed, by their ids: each is woken until it has an alarm again. */

import type { SqlStorage } from '@cloudflare/workers-types';

export class Neglected {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec('create table if not exists neglected (object_id text primary key) without rowid');
  }

  add(objectId: string): void {
    this.#sql.exec('insert into neglected (object_id) values (?) on conflict do nothing', objectId);
  }

  some(limit: number): string[] {
    const query = 'select object_id from neglected limit ?';
    return this.#sql
      .exec<{ object_id: string }>(query, limit)
      .toArray()
      .map((row) => row.object_id);
  }

  remove(objectId: string): void {
    this.#sql.exec('delete from neglected where object_id = ?', objectId);
  }
}
