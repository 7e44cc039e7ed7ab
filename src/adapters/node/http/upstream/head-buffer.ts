/** Buffers a response head that arrives in several reads, in time linear in its length. */

import { badResponse } from './header-field.ts';

/** The maximum that nginx sends. */
export const MAX_HEAD_BYTES = 65_536;
const HEAD_END = Buffer.from('\r\n\r\n');
const HTTP = Buffer.from('HTTP/1.');
const CR = 0x0d;
const LF = 0x0a;

export class HeadBuffer {
  /** Bytes of an incomplete head; the buffer is longer. */
  #bytes: Buffer | null = null;
  #length = 0;

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /**
   * Takes bytes up to the end of a head.
   * @returns the head in latin1 and the index in `bytes` after it; null if the head is incomplete.
   * @throws UpstreamError if the head is too long or cannot be HTTP/1.
   */
  take(bytes: Buffer, from: number): { readonly text: string; readonly end: number } | null {
    if (this.#length === 0) {
      const found = bytes.indexOf(HEAD_END, from);
      if (found >= 0) {
        const end = found + HEAD_END.length;
        if (end - from > MAX_HEAD_BYTES) throw tooLong();
        return { text: bytes.toString('latin1', from, end), end };
      }
    }
    const before = this.#length;
    const all = this.#append(bytes, from);
    const found = all.indexOf(HEAD_END, Math.max(0, before - HEAD_END.length + 1));
    if (found < 0) {
      checkBeginning(all, before);
      if (all.length > MAX_HEAD_BYTES) throw tooLong();
      return null;
    }
    const length = found + HEAD_END.length;
    if (length > MAX_HEAD_BYTES) throw tooLong();
    this.clear();
    return { text: all.toString('latin1', 0, length), end: from + length - before };
  }

  clear(): void {
    this.#bytes = null;
    this.#length = 0;
  }

  #append(bytes: Buffer, from: number): Buffer {
    const length = this.#length + bytes.length - from;
    if (this.#bytes === null || this.#bytes.length < length) {
      const grown = Buffer.allocUnsafe(2 * length);
      this.#bytes?.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    bytes.copy(this.#bytes, this.#length, from);
    this.#length = length;
    return this.#bytes.subarray(0, length);
  }
}

/** Rejects bytes that cannot become the head of an HTTP/1 response, instead of waiting for its end. */
function checkBeginning(all: Buffer, checked: number): void {
  const length = Math.min(all.length, HTTP.length);
  if (all.compare(HTTP, 0, length, 0, length) !== 0) {
    throw badResponse(
      `The upstream does not speak HTTP/1: ${JSON.stringify(all.toString('latin1', 0, 40))}.`,
    );
  }
  for (let at = all.indexOf(LF, checked); at >= 0; at = all.indexOf(LF, at + 1)) {
    if (all[at - 1] !== CR) throw badResponse('A line of the response head does not end in CRLF.');
  }
}

function tooLong(): Error {
  return badResponse(`The response head is longer than ${MAX_HEAD_BYTES} bytes.`);
}
