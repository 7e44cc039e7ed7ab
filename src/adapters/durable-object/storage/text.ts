/** One long text in SQLite storage, a row for each of its pieces. */

import type { SqlStorage } from '@cloudflare/workers-types';
import { joinPieces, piecesOf } from './text-pieces.ts';

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
    return joinPieces(rows.map(({ bytes }) => bytes));
  }

  write(text: string): void {
    this.#sql.exec('delete from text_pieces');
    let piece = 0;
    for (const bytes of piecesOf(text)) {
      this.#sql.exec('insert into text_pieces (piece, bytes) values (?, ?)', piece++, bytes);
    }
  }
}
