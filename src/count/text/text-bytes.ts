/** The UTF-8 bytes of a text as it passes: without its byte order mark, and transcoded if the mark says UTF-16. */

import { appended, utf16Of } from './sniffed-text.ts';

const NO_BYTES = new Uint8Array(0);
/** Length of the UTF-8 mark, the longest one. */
const MARK_BYTES = 3;

const encoder = new TextEncoder();

export class TextBytes {
  /** The first bytes, until they show the encoding; null afterwards. */
  #first: Uint8Array | null = NO_BYTES;
  #utf16: InstanceType<typeof TextDecoder> | null = null;

  /** Returns the bytes that are known with this chunk; they are valid until the next call. */
  read(chunk: Uint8Array): Uint8Array {
    if (this.#first === null) return this.#transcoded(chunk);
    const first = appended(this.#first, chunk);
    if (first.length >= MARK_BYTES) return this.#begin(first);
    this.#first = first.slice();
    return NO_BYTES;
  }

  /** Returns the bytes that were held back. */
  end(): Uint8Array {
    const rest = this.#first === null ? NO_BYTES : this.#begin(this.#first);
    return this.#utf16 === null ? rest : appended(rest, encoder.encode(this.#utf16.decode()));
  }

  #begin(first: Uint8Array): Uint8Array {
    this.#first = null;
    const [a, b, c] = first;
    if (a === 0xef && b === 0xbb && c === 0xbf) return first.subarray(MARK_BYTES);
    const utf16 = utf16Of(first);
    if (utf16 !== undefined) this.#utf16 = new TextDecoder(utf16);
    return this.#transcoded(first);
  }

  #transcoded(chunk: Uint8Array): Uint8Array {
    return this.#utf16 === null ? chunk : encoder.encode(this.#utf16.decode(chunk, { stream: true }));
  }
}
