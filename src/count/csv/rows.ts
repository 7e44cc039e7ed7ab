/**
 * Parses the rows of a table as its bytes pass (RFC 4180): quoted fields may contain separators, line ends and
 * doubled quotes; lines end with LF, CRLF or CR. Rows without a value are skipped. As in most parsers, a quote inside
 * a plain field is text, and so is the text after a closing quote.
 */

import { QUOTE } from '../json/bytes.ts';
import { CARRIAGE_RETURN } from './first-row.ts';

const LINE_FEED = 0x0a;
const SPACE = 0x20;

/** Maximum number of bytes of a field that are kept. */
const MAX_FIELD_BYTES = 1_024;

const FIELD_START = 0;
const PLAIN = 1;
const QUOTED = 2;
/** After a quote in a quoted field: the field ends, or the quote is doubled. */
const AFTER_QUOTE = 3;

/** A field that is kept, up to its bound. */
export class CsvField {
  readonly bytes = new Uint8Array(MAX_FIELD_BYTES);
  length = 0;
  isTooLong = false;

  add(byte: number): void {
    if (this.length < MAX_FIELD_BYTES) this.bytes[this.length++] = byte;
    else this.isTooLong = true;
  }

  clear(): void {
    this.length = 0;
    this.isTooLong = false;
  }
}

export class Rows {
  readonly #separator: number;
  /** The field to keep by column; null if the column is not needed. */
  readonly #fields: ReadonlyArray<CsvField | null>;
  readonly #onRow: () => void;
  #state = FIELD_START;
  #column = 0;
  #field: CsvField | null;
  #hasValue = false;

  /** @param onRow called after each row with a value; its fields are valid until it returns. */
  constructor(separator: number, fields: ReadonlyArray<CsvField | null>, onRow: () => void) {
    this.#separator = separator;
    this.#fields = fields;
    this.#onRow = onRow;
    this.#field = fields[0] ?? null;
  }

  write(text: Uint8Array): void {
    let at = 0;
    while (at < text.length) {
      const byte = text[at]!;
      if (this.#state === QUOTED && byte !== QUOTE) {
        at = this.#quoted(text, at);
        continue;
      }
      at++;
      if (byte === QUOTE) this.#quote();
      else if (byte === this.#separator) this.#endField();
      else if (byte === LINE_FEED || byte === CARRIAGE_RETURN) this.#endRow();
      else this.#plain(byte);
    }
  }

  /** Returns whether the table is complete: it does not end inside a quoted field. */
  end(): boolean {
    if (this.#state === QUOTED) return false;
    this.#endRow();
    return true;
  }

  /** Skips to the next quote. */
  #quoted(text: Uint8Array, from: number): number {
    const quote = text.indexOf(QUOTE, from);
    const to = quote === -1 ? text.length : quote;
    for (let at = from; at < to && (this.#field !== null || !this.#hasValue); at++) this.#value(text[at]!);
    return to;
  }

  #quote(): void {
    if (this.#state === FIELD_START) this.#state = QUOTED;
    else if (this.#state === QUOTED) this.#state = AFTER_QUOTE;
    else {
      if (this.#state === AFTER_QUOTE) this.#state = QUOTED;
      this.#value(QUOTE);
    }
  }

  #plain(byte: number): void {
    this.#state = PLAIN;
    this.#value(byte);
  }

  #value(byte: number): void {
    if (byte > SPACE) this.#hasValue = true;
    this.#field?.add(byte);
  }

  #endField(): void {
    this.#state = FIELD_START;
    this.#column++;
    this.#field = this.#fields[this.#column] ?? null;
  }

  #endRow(): void {
    if (this.#hasValue) this.#onRow();
    this.#hasValue = false;
    this.#state = FIELD_START;
    this.#column = 0;
    this.#field = this.#fields[0] ?? null;
    for (const field of this.#fields) field?.clear();
  }
}
