/**
 * Counts posts in a JSON text sequence (RFC 7464): each text begins with a record separator and ends with a line
 * feed.
 */

import type { FormatCounter } from '../format-counter.ts';
import type { JsonPlan } from '../json/automaton/plan.ts';
import { isSpace, LINE_FEED } from '../json/bytes.ts';
import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';
import { JsonFrames } from './json-frames.ts';

const RECORD_SEPARATOR = 0x1e;

export class JsonSeqCounter implements FormatCounter {
  readonly failure = undefined;
  readonly #texts: JsonFrames;
  /** True from a record separator to the end of its text. */
  #isInText = false;
  #hasStrayBytes = false;

  constructor(plan: JsonPlan, found: PostCount) {
    this.#texts = new JsonFrames(plan, found, 'flaw');
  }

  get flaw(): UncountedReason | undefined {
    return this.#texts.flaw ?? (this.#hasStrayBytes ? 'frame' : undefined);
  }

  write(chunk: Uint8Array): void {
    let at = 0;
    let separator = chunk.indexOf(RECORD_SEPARATOR);
    for (; separator !== -1; separator = chunk.indexOf(RECORD_SEPARATOR, at)) {
      this.#read(chunk, at, separator);
      this.#texts.endFrame();
      this.#isInText = true;
      at = separator + 1;
    }
    this.#read(chunk, at, chunk.length);
  }

  /**
   * A truncated text is a fault (RFC 7464, section 2.3). Truncation of a number or word may go unnoticed, but those
   * hold no posts.
   */
  end(): void {
    this.#texts.endFrame();
  }

  #read(chunk: Uint8Array, from: number, to: number): void {
    if (from === to) return;
    if (!this.#isInText) {
      for (let at = from; at < to; at++) this.#hasStrayBytes ||= !isSpace(chunk[at]!);
      return;
    }
    this.#texts.write(chunk, from, to);
    // The next separator may arrive much later, so a complete text counts at its line feed.
    if (chunk[to - 1] !== LINE_FEED || !this.#texts.isWhole) return;
    this.#texts.endFrame();
    this.#isInText = false;
  }
}
