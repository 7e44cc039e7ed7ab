/** The start of a body: a UTF-8 byte order mark is skipped; UTF-16 and UTF-32 are rejected. */

import type { UncountedReason } from '../uncounted.ts';
import { isSpace } from './bytes.ts';

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

export class BodyStart {
  /** The reason why the body cannot be read. */
  failure: UncountedReason | undefined;
  #markBytes = 0;

  reset(): void {
    this.failure = undefined;
    this.#markBytes = 0;
  }

  /**
   * Takes the next byte. Returns whether it belongs to the mark; if not, and nothing failed, the first value begins
   * there.
   */
  passes(byte: number): boolean {
    if (this.#markBytes < BYTE_ORDER_MARK.length && byte === BYTE_ORDER_MARK[this.#markBytes]) {
      this.#markBytes++;
      return true;
    }
    if (this.#markBytes > 0 && this.#markBytes < BYTE_ORDER_MARK.length) this.failure = 'not_json';
    else if (byte === 0 || byte >= 0xfe) this.failure = 'encoding';
    return this.failure === undefined && isSpace(byte);
  }
}
