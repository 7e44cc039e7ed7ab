/** Long texts in SQLite storage. A row holds at most 2 MB, so a text is split into pieces. */

import type { SqlStorage } from '@cloudflare/workers-types';

const PIECE_BYTES = 1_000_000;
const encoder = new TextEncoder();

/** Yields the text in UTF-8, in pieces that each fit a row. */
export function* splitText(text: string): Generator<Uint8Array<ArrayBuffer>> {
  const bytes = encoder.encode(text);
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

/** Reverses `splitText`. A character may span two pieces. */
export function joinText(pieces: readonly ArrayBuffer[]): string {
  const decoder = new TextDecoder();
  return pieces.map((piece) => decoder.decode(piece, { stream: true })).join('');
}

/** One text, a row for each of its pieces. */
export class SqlText {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec('create table if not exists text_pieces (piece integer primary key, bytes blob not null)');
  }

  /** Returns null if no text was written. */
  read(): string | null {
    const rows = this.#sql
      .exec<{ bytes: ArrayBuffer }>('select bytes from text_pieces order by piece')
      .toArray();
    return rows.length === 0 ? null : joinText(rows.map(({ bytes }) => bytes));
  }

  write(text: string): void {
    this.#sql.exec('delete from text_pieces');
    let piece = 0;
    for (const bytes of splitText(text)) {
      this.#sql.exec('insert into text_pieces (piece, bytes) values (?, ?)', piece++, bytes);
    }
  }
}
