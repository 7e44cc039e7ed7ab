/** Holds the whole first row of a table, which names the columns and shows the separator. */

import { QUOTE } from '../json/bytes.ts';
import { withRoom } from '../with-room.ts';

export const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

/** A longer first row is not read. */
const MAX_BYTES = 65_536;

/** Comma, semicolon, tab, vertical bar: the separators of `.csv` and `.tsv` files. */
const SEPARATORS = [0x2c, 0x3b, 0x09, 0x7c] as const;

/** Excel's first line, which names the separator. */
const SEPARATOR_LINE = /^"?sep=(.)"?\s*$/i;

export class FirstRow {
  /** Its bytes, and those that followed in the same chunk. */
  #held = new Uint8Array(1_024);
  #bytes = 0;
  #read = 0;
  #isQuoted = false;
  #isFieldStart = true;
  readonly #uses = [0, 0, 0, 0];
  /** Length including the line end; -1 until the line end has arrived. */
  #end = -1;

  /** Takes the next bytes. Returns whether the row is complete or will never be. */
  add(text: Uint8Array): boolean {
    const bytes = this.#bytes + text.length;
    this.#held = withRoom(this.#held, this.#bytes, bytes);
    this.#held.set(text, this.#bytes);
    this.#bytes = bytes;
    this.#scan();
    return this.#end !== -1 || this.isTooLong;
  }

  get isTooLong(): boolean {
    return this.#end === -1 && this.#bytes > MAX_BYTES;
  }

  /** Ends the body: the bytes so far are the row. Returns whether there are any. */
  close(): boolean {
    if (this.#end === -1) this.#end = this.#bytes;
    return this.#end > 0;
  }

  /** The row including its line end. */
  get row(): Uint8Array {
    return this.#held.subarray(0, this.#end);
  }

  get rest(): Uint8Array {
    return this.#held.subarray(this.#end, this.#bytes);
  }

  /** The separator that a line of its own names; undefined if the row is not such a line. */
  get named(): number | undefined {
    return SEPARATOR_LINE.exec(new TextDecoder().decode(this.row.subarray(0, 16)))?.[1]?.charCodeAt(0);
  }

  /** The most frequent separator, a comma if there is none. */
  get separator(): number {
    return SEPARATORS[this.#uses.indexOf(Math.max(...this.#uses))]!;
  }

  /** Until the separator is known, each candidate begins a field. */
  #scan(): void {
    while (this.#read < this.#bytes && this.#end === -1) {
      const byte = this.#held[this.#read++]!;
      if (byte === QUOTE) {
        if (this.#isFieldStart || this.#isQuoted) this.#isQuoted = !this.#isQuoted;
        this.#isFieldStart = false;
        continue;
      }
      if (this.#isQuoted) continue;
      const use = SEPARATORS.indexOf(byte as (typeof SEPARATORS)[number]);
      if (use !== -1) this.#uses[use]!++;
      this.#isFieldStart = use !== -1;
      if (byte === LINE_FEED || byte === CARRIAGE_RETURN) this.#endLine();
    }
  }

  /** Drops empty lines before the table. */
  #endLine(): void {
    if (this.#read > 1) {
      this.#end = this.#read;
      return;
    }
    this.#held.copyWithin(0, 1, this.#bytes);
    this.#bytes--;
    this.#read = 0;
    this.#isFieldStart = true;
  }
}

/** The start of a body that was sent instead of a table. */
const OTHER_DOCUMENT = /^\s*(?:\{\s*["}]|\[\s*[{\]]|<(?:!doctype|html|\?xml)\b)/i;

export function isOtherDocument(row: Uint8Array): boolean {
  return OTHER_DOCUMENT.test(new TextDecoder().decode(row.subarray(0, 256)));
}

/** Maximum number of columns whose names are read. */
const MAX_COLUMNS = 1_024;

/** The names of the columns in a complete row. */
export function namesIn(row: Uint8Array, separator: number): string[] {
  const text = new TextDecoder().decode(row);
  const end = String.fromCharCode(separator);
  const names: string[] = [];
  let at = 0;
  while (at < text.length && names.length < MAX_COLUMNS) {
    let name = '';
    if (text[at] === '"') {
      let close = text.indexOf('"', at + 1);
      for (; close !== -1 && text[close + 1] === '"'; close = text.indexOf('"', at + 1)) {
        name += text.slice(at + 1, close + 1);
        at = close + 1;
      }
      name += text.slice(at + 1, close === -1 ? undefined : close);
      at = close === -1 ? text.length : close + 1;
    }
    const next = text.indexOf(end, at);
    names.push((name + text.slice(at, next === -1 ? undefined : next)).trim());
    at = next === -1 ? text.length : next + 1;
  }
  return names;
}
