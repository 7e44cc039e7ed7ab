/**
 * Decides whether a body under a status that promises no posts may differ from its route's shape. Error pages may. A
 * body with posts may not, and a body that could not be read is uncounted under any status.
 */

import type { UncountedReason } from './uncounted.ts';

const OTHER_SHAPE: ReadonlySet<UncountedReason> = new Set([
  'not_json',
  'not_xml',
  'shape',
  'frame',
  'document',
]);

const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;

export class ErrorExcuse {
  hasPosts = false;
  /** The first byte that is not a space or part of a byte order mark; 0 before it. */
  #first = 0;

  look(chunk: Uint8Array): void {
    for (let at = 0; this.#first === 0 && at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf) this.#first = byte;
    }
  }

  /**
   * An empty body is excused. A list in place of an object may be posts of another route, and a GraphQL result
   * without a known document may hold posts, so neither is excused.
   */
  covers(reason: UncountedReason): boolean {
    if (this.hasPosts) return false;
    if (this.#first === 0) return reason !== 'encoding' && reason !== 'too_large';
    if (!OTHER_SHAPE.has(reason) || this.#first === OPEN_BRACKET) return false;
    return reason !== 'document' || this.#first !== OPEN_BRACE;
  }
}
