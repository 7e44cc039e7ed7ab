/** The counter of one response, and its result. */

import type { FoundPosts } from './post-count.ts';
import type { UncountedReason } from './uncounted.ts';

/**
 * The posts of a response that were not taken while it ran. If `uncounted` is set, no figure includes the faulty body
 * (or the faulty frames of a stream), because doubt favours the client.
 */
export interface CountResult extends FoundPosts {
  readonly uncounted?: UncountedReason;
}

export interface Counter {
  /** Takes a chunk of the body as it goes to the client. False: wait for `onDrain` before the next chunk. */
  write(chunk: Uint8Array): boolean;
  /** Posts whose last byte has been consumed; a decoder may lag behind the written bytes. */
  readonly posts: number;
  /** Whether a stream has something to take since the last `take`; always false for other bodies. */
  readonly hasNews: boolean;
  /**
   * Takes the final posts of a running stream, and its first flaw, so that they can be metered. The result of `end`
   * excludes what was taken.
   */
  take(): CountResult;
  /** Ends the body. Calls `done` once; before it returns, unless the body is compressed. */
  end(done: (result: CountResult) => void): void;
  /** Called when a decoder has found posts after `write` returned. */
  onDecoded?: () => void;
  /** Ends a body that the client or the upstream aborted. The cut is not a fault. Calls `done` like `end`. */
  abort(done: (result: CountResult) => void): void;
  /**
   * Called if the caller waited too long for `onDrain` or `done`: the body is uncounted (`encoding`), and both are
   * called. Absent if the counter never makes its caller wait.
   */
  giveUp?(): void;
}
