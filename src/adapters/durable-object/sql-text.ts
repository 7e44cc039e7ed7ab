/** One long text in SQLite storage, in pieces: a row holds 2 MB at most. */

import type { SqlStorage } from '@cloudflare/workers-types';

const PIECE_BYTES = 1_000_000;

export class SqlText {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec('create table if not exists text_pieces (piece integer primary key, bytes blob not null)');
  }

  /** Null where none was written. */
  read(): string | null {
    const rows = this.#sql
      .exec<{ bytes: ArrayBuffer }>('select bytes from text_pieces order by piece')
      .toArray();
    if (rows.length === 0) return null;
    const decoder = new TextDecoder();
    return rows.map(({ bytes }) => decoder.decode(bytes, { stream: true })).join('');
  }

  write(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.#sql.exec('delete from text_pieces');
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const piece = bytes.slice(at, at + PIECE_BYTES);
      this.#sql.exec('insert into text_pieces (piece, bytes) values (?, ?)', at / PIECE_BYTES, piece);
    }
  }
}
