/** Reads the head of a multipart part, or of an HTTP message inside it: lines up to the first blank one. */

import { LINE_FEED } from '../json/bytes.ts';

/** Maximum length of all lines of a head in bytes. */
const MAX_HEAD_BYTES = 16 * 1024;

/** Only a few ASCII header values are needed, so each byte is decoded as one character. */
const decoder = new TextDecoder('latin1');

export const HEAD_INCOMPLETE = -1;

export class PartHead {
  /** True if it exceeds 16 KiB; the rest is not read. */
  isTooLong = false;
  readonly #hasStartLine: boolean;
  readonly #lines: string[] = [];
  #line = '';
  #bytes = 0;

  /**
   * @param hasStartLine its first line is an HTTP status line, which blank lines may precede (RFC 9112, section 2.2).
   */
  constructor(hasStartLine: boolean) {
    this.#hasStartLine = hasStartLine;
  }

  get startLine(): string {
    return this.#lines[0] ?? this.#line;
  }

  /** Reads the next bytes. Returns the start of the body in `chunk`, or `HEAD_INCOMPLETE`. */
  read(chunk: Uint8Array): number {
    let at = 0;
    while (at < chunk.length && !this.isTooLong) {
      const lineFeed = chunk.indexOf(LINE_FEED, at);
      const end = lineFeed === -1 ? chunk.length : lineFeed;
      this.#bytes += end - at + 1;
      this.isTooLong = this.#bytes > MAX_HEAD_BYTES;
      if (this.isTooLong) break;
      this.#line += decoder.decode(chunk.subarray(at, end));
      if (lineFeed === -1) break;
      at = end + 1;
      if (this.#endLine()) return at;
    }
    return HEAD_INCOMPLETE;
  }

  /** The value of a field in lower case, without its parameters; empty if there is none. */
  value(name: string): string {
    return this.field(name).split(';', 1)[0]!.trim().toLowerCase();
  }

  /** The first field with this lower-case name; empty if there is none. */
  field(name: string): string {
    const start = `${name}:`;
    const line = this.#lines.find((line) => line.slice(0, start.length).toLowerCase() === start);
    return line?.slice(start.length).trim() ?? '';
  }

  /** Whether it was the blank line that ends the head. */
  #endLine(): boolean {
    const line = this.#line.endsWith('\r') ? this.#line.slice(0, -1) : this.#line;
    this.#line = '';
    if (line === '') return !this.#hasStartLine || this.#lines.length > 0;
    const isFolded = (line[0] === ' ' || line[0] === '\t') && this.#lines.length > 0;
    if (isFolded) this.#lines.push(this.#lines.pop()! + line);
    else this.#lines.push(line);
    return false;
  }
}
