/** A request's body, kept up to a bound, to be read when the answer comes. */

/** Documents have some kilobytes; with files of a form a request has more, and is not read. */
export const MAX_REQUEST_BYTES = 256 * 1024;

const FIRST_BYTES = 2 * 1024;

export class KeptBody {
  #bytes = new Uint8Array(FIRST_BYTES);
  #length = 0;
  #isTooLong = false;
  #isWhole = false;

  /** Copies the chunk: a slice of it would keep the whole buffer that it stands in. */
  write(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (this.#isTooLong || length > MAX_REQUEST_BYTES) {
      this.#isTooLong = true;
      this.#bytes = new Uint8Array(0);
      return;
    }
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
  }

  end(): void {
    this.#isWhole = true;
  }

  /** It has ended, and nothing came. */
  get isEmpty(): boolean {
    return this.#isWhole && this.#length === 0 && !this.#isTooLong;
  }

  /** Null where it is longer than the bound, did not end, or is no UTF-8. */
  text(): string | null {
    if (this.#isTooLong || !this.#isWhole) return null;
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(this.#bytes.subarray(0, this.#length));
    } catch (error) {
      if (error instanceof TypeError) return null;
      throw error;
    }
  }
}
