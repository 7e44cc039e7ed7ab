/** Single values that an object stores about itself, by name, in the table `about`. */

import type { SqlStorage, SqlStorageValue } from '@cloudflare/workers-types';

export class ObjectMeta {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec('create table if not exists about (name text primary key, value) without rowid');
  }

  /** Returns null if the value is absent or null. */
  get<T extends SqlStorageValue>(name: string): T | null {
    // `toArray` reads the cursor to its end. The runtime cannot reuse the statement of an open cursor.
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
