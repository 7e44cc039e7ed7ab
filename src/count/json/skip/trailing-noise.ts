/**
 * Text after a JSON text that servers append by mistake: a cache's comment, a warning, a debug line. Text that looks
 * like more JSON is not noise; the body is then not a single JSON text.
 */

import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  isSpace,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
} from '../bytes.ts';

/** Longer noise, before or after the JSON text, is not skipped. */
export const MAX_NOISE_BYTES = 65_536;

export class TrailingNoise {
  /** True if the text is not noise or exceeds the bound. */
  isFaulty = false;
  /** Number of bytes that are not spaces. */
  bytes = 0;
  /** The first of these bytes; 0 before it. */
  first = 0;
  #followsOpening = false;

  /** Reads `chunk` from `from` to its end. */
  read(chunk: Uint8Array, from: number): void {
    for (let at = from; at < chunk.length && !this.isFaulty; at++) {
      const byte = chunk[at]!;
      if (!isSpace(byte)) this.#readMark(byte);
    }
  }

  #readMark(byte: number): void {
    const opens = byte === OPEN_OBJECT || byte === OPEN_ARRAY;
    const isPartOfJson = opens || byte === QUOTE;
    if (this.bytes === 0) {
      this.first = byte;
      this.isFaulty = isPartOfJson || continuesJson(byte);
    }
    if (this.#followsOpening && isPartOfJson) this.isFaulty = true;
    if (++this.bytes > MAX_NOISE_BYTES) this.isFaulty = true;
    this.#followsOpening = opens;
  }
}

/** Whether the byte continues a JSON text after a value. */
function continuesJson(byte: number): boolean {
  return byte === CLOSE_OBJECT || byte === CLOSE_ARRAY || byte === COMMA || byte === COLON;
}
