/** Counts posts in lines of JSON (NDJSON, JSON Lines). Blank lines are keep-alives and hold no posts. */

import type { FormatCounter } from '../format-counter.ts';
import type { JsonPlan } from '../json/automaton/plan.ts';
import { LINE_FEED } from '../json/bytes.ts';
import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';
import { JsonFrames } from './json-frames.ts';

export class NdjsonCounter implements FormatCounter {
  readonly failure = undefined;
  readonly #lines: JsonFrames;

  constructor(plan: JsonPlan, found: PostCount) {
    this.#lines = new JsonFrames(plan, found, 'flaw');
  }

  get flaw(): UncountedReason | undefined {
    return this.#lines.flaw;
  }

  write(chunk: Uint8Array): void {
    let at = 0;
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, at);
      if (end === -1) break;
      // JSON treats the carriage return of a CRLF as space.
      this.#lines.write(chunk, at, end);
      this.#lines.endFrame();
      at = end + 1;
    }
    this.#lines.write(chunk, at, chunk.length);
  }

  /** The last line needs no line feed. */
  end(): void {
    this.#lines.endFrame();
  }
}
