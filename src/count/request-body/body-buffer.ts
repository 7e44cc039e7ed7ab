/** Keeps the body of a request up to a bound, so that it can be read once it is complete. */

import { withRoom } from '../with-room.ts';

const FIRST_BYTES = 2 * 1024;

export class BodyBuffer {
  readonly #maxBytes: number;
  #bytes = new Uint8Array(FIRST_BYTES);
  #length = 0;
  isWhole = false;
  /** True if the body exceeded the bound; none of it is kept then. */
  isTooLong = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Copies the chunk, because a slice would keep the whole buffer that it belongs to. */
  write(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (this.isTooLong || length > this.#maxBytes) {
      this.isTooLong = true;
      this.#bytes = new Uint8Array(0);
      return;
    }
    this.#bytes = withRoom(this.#bytes, this.#length, length);
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
  }

  end(): void {
    this.isWhole = true;
  }

  /** True if the body has ended without a byte. */
  get isEmpty(): boolean {
    return this.isWhole && this.#length === 0 && !this.isTooLong;
  }

  /** Null if the body exceeds the bound or has not ended. */
  bytes(): Uint8Array | null {
    return this.isTooLong || !this.isWhole ? null : this.#bytes.subarray(0, this.#length);
  }
}
