/** What a format's counter is: it sees the decoded bytes of one body as they pass, and keeps none of them. */

import type { UncountedReason } from './uncounted.ts';

/** Finds the posts in one body and tells a `PostCount` of each. */
export interface FormatCounter {
  /** Why nothing that is not settled can be counted; nothing more is read then. */
  readonly failure: UncountedReason | undefined;
  /**
   * Of a format in frames (lines, events, messages): why some frame was left out. The others count. Undefined for
   * formats without frames.
   */
  readonly flaw?: UncountedReason | undefined;
  /** Nothing that follows can matter, and nothing is wrong. */
  readonly isOver?: boolean;
  /** Takes a chunk, which is not kept. Where frames come from the transport, a chunk is one whole frame. */
  write(chunk: Uint8Array): void;
  /** The body is over; sets `failure` (or `flaw`) where it was not whole. */
  end(): void;
  /** Client or upstream broke off. Called instead of `end`. */
  cut?(): void;
}
