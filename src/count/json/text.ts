/**
 * Holds the start of a string or number that cannot be compared in place because of a chunk boundary or an escape.
 * The buffer is bounded: of longer text it only records that it is too long.
 */

import { BACKSLASH, QUOTE } from './bytes.ts';

/** One-letter escapes by their byte: `"` `\` `/` b f n r t. */
const SHORT_ESCAPES = new Map([
  [0x22, 0x22],
  [0x5c, 0x5c],
  [0x2f, 0x2f],
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
]);

export const CUT = -1;
export const NO_ESCAPE = -2;

export class JsonText {
  /** The position at which `addString` stopped. */
  reached = 0;
  readonly #bytes: Uint8Array;
  #length = 0;
  #tooLong = false;
  /** 0 outside an escape, -1 after its backslash, else the number of hex digits to come. */
  #escape = 0;
  #codeUnit = 0;
  /** The high surrogate if it was added last, else 0. */
  #high = 0;

  constructor(maxBytes: number) {
    this.#bytes = new Uint8Array(maxBytes);
  }

  clear(): void {
    this.#length = 0;
    this.#tooLong = false;
    this.#escape = 0;
    this.#high = 0;
  }

  /** Whether the next byte belongs to an escape, in which a quote does not end the string. */
  get inEscape(): boolean {
    return this.#escape !== 0;
  }

  /** The held bytes: the whole text, or its start if it exceeded the bound. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  get isTooLong(): boolean {
    return this.#tooLong;
  }

  /** Number of bytes that may still be added. */
  get room(): number {
    return this.#bytes.length - this.#length;
  }

  /** The bytes that cannot change any more: a low surrogate would replace a high one at the end. */
  get settled(): Uint8Array {
    return this.#bytes.subarray(0, this.#high === 0 ? this.#length : this.#length - 3);
  }

  /** Removes this many bytes at the start. */
  drop(bytes: number): void {
    this.#bytes.copyWithin(0, bytes, this.#length);
    this.#length -= bytes;
  }

  /**
   * Adds bytes of a string's content from `from` up to a quote, an escape or `to`; none inside an escape. The buffer
   * must have room. Returns the position of the first byte that was not added.
   */
  addPlain(chunk: Uint8Array, from: number, to: number): number {
    if (this.#escape !== 0) return from;
    const bytes = this.#bytes;
    let length = this.#length;
    let at = from;
    while (at < to) {
      const byte = chunk[at]!;
      if (byte === QUOTE || byte === BACKSLASH) break;
      bytes[length++] = byte;
      at++;
    }
    if (at > from) this.#high = 0;
    this.#length = length;
    return at;
  }

  /**
   * Adds a string's content from `from`. Returns the position after its closing quote, `CUT` if the chunk ends before
   * it, or `NO_ESCAPE` at an invalid escape, with `reached` after it.
   */
  addString(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.length) {
      const byte = chunk[at++]!;
      if (byte === QUOTE && !this.inEscape) return at;
      if (!this.addEscaped(byte)) {
        // A byte that is not a hex digit does not belong to the escape.
        this.reached = this.#escape > 0 ? at - 1 : at;
        return NO_ESCAPE;
      }
    }
    return CUT;
  }

  /** Adds one byte unchanged. */
  add(byte: number): void {
    if (this.#length === this.#bytes.length) this.#tooLong = true;
    else this.#bytes[this.#length++] = byte;
  }

  /** Adds one byte of a string's content, decoding escapes. Returns false for an invalid escape. */
  addEscaped(byte: number): boolean {
    if (this.#escape === 0) {
      if (byte === BACKSLASH) this.#escape = -1;
      else {
        this.#high = 0;
        this.add(byte);
      }
      return true;
    }
    return this.#escape === -1 ? this.#letter(byte) : this.#hexDigit(byte);
  }

  #letter(byte: number): boolean {
    if (byte === 0x75) {
      this.#escape = 4;
      this.#codeUnit = 0;
      return true;
    }
    const decoded = SHORT_ESCAPES.get(byte);
    if (decoded === undefined) return false;
    this.#escape = 0;
    this.#high = 0;
    this.add(decoded);
    return true;
  }

  #hexDigit(byte: number): boolean {
    const digit = Number.parseInt(String.fromCharCode(byte), 16);
    if (Number.isNaN(digit)) return false;
    this.#codeUnit = this.#codeUnit * 16 + digit;
    if (--this.#escape === 0) this.#addCodeUnit(this.#codeUnit);
    return true;
  }

  /** Adds a code unit as UTF-8; a low surrogate after a high one replaces it by the pair's four bytes. */
  #addCodeUnit(unit: number): void {
    const isLow = unit >= 0xdc00 && unit <= 0xdfff;
    if (isLow && this.#high !== 0) {
      const point = 0x10000 + ((this.#high - 0xd800) << 10) + (unit - 0xdc00);
      if (!this.#tooLong) this.#length -= 3;
      this.#high = 0;
      this.add(0xf0 | (point >> 18));
      this.add(0x80 | ((point >> 12) & 0x3f));
      this.add(0x80 | ((point >> 6) & 0x3f));
      this.add(0x80 | (point & 0x3f));
      return;
    }
    this.#high = unit >= 0xd800 && unit <= 0xdbff ? unit : 0;
    if (unit < 0x80) this.add(unit);
    else {
      if (unit < 0x800) this.add(0xc0 | (unit >> 6));
      else {
        this.add(0xe0 | (unit >> 12));
        this.add(0x80 | ((unit >> 6) & 0x3f));
      }
      this.add(0x80 | (unit & 0x3f));
    }
  }
}
