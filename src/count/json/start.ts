/** How a body begins: an UTF-8 byte order mark may pass; what begins as UTF-16 or UTF-32 does is not ours to read. */

import type { UncountedReason } from '../uncounted.ts';
import { isSpace } from './bytes.ts';

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

export class BodyStart {
  /** Why it is no body that can be read. */
  failure: UncountedReason | undefined;
  #markBytes = 0;

  reset(): void {
    this.failure = undefined;
    this.#markBytes = 0;
  }

  /** Takes the next byte. Returns whether it belongs to the start; else the first value begins there, if nothing failed. */
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
