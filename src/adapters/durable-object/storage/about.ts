/** Single facts that an object keeps about itself, by name. */

import type { SqlStorage, SqlStorageValue } from '@cloudflare/workers-types';

export class About {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec('create table if not exists about (name text primary key, value) without rowid');
  }

  get<T extends SqlStorageValue>(name: string): T | null {
    // Read to its end: a cursor that is left open keeps its statement from being used again.
    const rows = this.#sql.exec<{ value: T }>('select value from about where name = ?', name).toArray();
    return rows[0]?.value ?? null;
  }

  set(name: string, value: SqlStorageValue): void {
    this.#sql.exec(
      'insert into about (name, value) values (?, ?) on conflict (name) do update set value = excluded.value',
      name,
      value,
    );
  }
}
