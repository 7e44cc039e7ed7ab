/** Counts posts in lines of JSON (NDJSON, JSON Lines). Blank lines are keep-alives and hold no posts. */

import type { FormatCounter } from '../format-counter.ts';
import type { JsonPlan } from '../json/automaton/plan.ts';
import { LINE_FEED } from '../json/bytes.ts';
import type { PostCount } from '../post-count.ts';
import { JsonFrames } from './json-frames.ts';

export function ndjsonCounter(plan: JsonPlan, found: PostCount): FormatCounter {
  const lines = new JsonFrames(plan, found, 'flaw');
  return {
    failure: undefined,
    get flaw() {
      return lines.flaw;
    },
    write(chunk) {
      let at = 0;
      for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, at)) {
        // JSON treats the carriage return of a CRLF as space.
        lines.write(chunk, at, end);
        lines.endFrame();
        at = end + 1;
      }
      lines.write(chunk, at, chunk.length);
    },
    /** The last line needs no line feed. */
    end: () => lines.endFrame(),
  };
}
