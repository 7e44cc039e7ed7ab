/** The counter of a format: it sees the decoded bytes of one body as they pass and keeps none of them. */

import type { UncountedReason } from './uncounted.ts';

/** Finds the posts in one body and passes each to a `PostCount`. */
export interface FormatCounter {
  /** Why unsettled posts cannot be counted; nothing is read after a failure. */
  readonly failure: UncountedReason | undefined;
  /**
   * In a format with frames (lines, events, messages): why some frame was excluded while the others count. Undefined
   * for formats without frames.
   */
  readonly flaw?: UncountedReason | undefined;
  /** True if nothing that follows can change the result and there is no fault. */
  readonly isOver?: boolean;
  /** Takes a chunk, which is not kept. If frames come from the transport, a chunk is one whole frame. */
  write(chunk: Uint8Array): void;
  /** Ends the body; sets `failure` (or `flaw`) if it was incomplete. */
  end(): void;
  /** Called instead of `end` if the client or the upstream aborted. */
  cut?(): void;
}
