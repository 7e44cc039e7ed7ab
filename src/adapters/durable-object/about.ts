/** Single facts that an object keeps about itself, by name. */

import type { SqlStorage, SqlStorageValue } from '@cloudflare/workers-types';

export class About {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec('create table if not exists about (name text primary key, value) without rowid');
  }

  get<T extends SqlStorageValue>(name: string): T | null {
    const [row] = this.#sql.exec<{ value: T }>('select value from about where name = ?', name);
    return row?.value ?? null;
  }

  set(name: string, value: SqlStorageValue): void {
    this.#sql.exec(
      'insert into about (name, value) values (?, ?) on conflict (name) do update set value = excluded.value',
      name,
      value,
    );
  }
}
