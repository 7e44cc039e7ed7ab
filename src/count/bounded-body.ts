/** A decoded body in its format with a bound on its bytes. Every counter passes its chunks here. */

import type { CountResult } from './counter.ts';
import type { BodyCopy } from './cross-check.ts';
import { ErrorExcuse } from './error-excuse.ts';
import type { FormatCounter } from './format-counter.ts';
import type { PostCount } from './post-count.ts';
import type { UncountedReason } from './uncounted.ts';

/** A decoded body that is counted as its chunks arrive. */
export interface CountedBody {
  readonly posts: number;
  readonly hasNews: boolean;
  take(): CountResult;
  /** Returns false if nothing that follows can change the result. */
  write(chunk: Uint8Array): boolean;
  /** Called if the bytes do not decode. */
  fault(): void;
  /** @param isWhole false if the body was cut. */
  result(isWhole: boolean): CountResult;
}

/** The figures of a counter that reads a body. */
export abstract class ReadingCounter {
  protected readonly body: CountedBody;

  constructor(body: CountedBody) {
    this.body = body;
  }

  get posts(): number {
    return this.body.posts;
  }

  get hasNews(): boolean {
    return this.body.hasNews;
  }

  take(): CountResult {
    return this.body.take();
  }
}

export class BoundedBody implements CountedBody {
  readonly #format: FormatCounter;
  readonly #found: PostCount;
  readonly #maxBytes: number;
  readonly #isStream: boolean;
  readonly #copy: BodyCopy | null;
  readonly #excuse: ErrorExcuse | null;
  #bytes = 0;
  #failure: UncountedReason | undefined;
  #isReported = false;

  /**
   * @param maxBytes of the decoded body; infinite for a stream, whose frames have a bound of their own.
   * @param isStream each frame counts once its last byte has arrived.
   * @param copy filled if the body is counted a second time.
   * @param isError the status promises no posts: a body in another shape than the route's holds none.
   */
  constructor(
    format: FormatCounter,
    found: PostCount,
    maxBytes: number,
    isStream: boolean,
    copy: BodyCopy | null = null,
    isError = false,
  ) {
    this.#excuse = isError ? new ErrorExcuse() : null;
    this.#format = format;
    this.#found = found;
    this.#maxBytes = maxBytes;
    this.#copy = copy;
    this.#isStream = isStream;
  }

  get posts(): number {
    return this.#found.posts;
  }

  get hasNews(): boolean {
    return this.#found.untaken > 0 || (this.#uncounted !== undefined && !this.#isReported);
  }

  take(): CountResult {
    const found = this.#found.takeSettled();
    const uncounted = this.#uncounted;
    // A stream is uncounted once, however many of its frames are faulty.
    if (uncounted === undefined || this.#isReported) return found;
    this.#isReported = true;
    return { ...found, uncounted };
  }

  /** The first fault takes precedence: a format's own fault precedes the bound in the body. */
  get #uncounted(): UncountedReason | undefined {
    const reason = this.#format.failure ?? this.#failure ?? this.#format.flaw;
    if (reason === undefined || this.#excuse === null) return reason;
    this.#excuse.hasPosts ||= this.#found.posts > 0;
    return this.#excuse.covers(reason) ? undefined : reason;
  }

  write(chunk: Uint8Array): boolean {
    this.#bytes += chunk.length;
    this.#copy?.add(chunk);
    this.#excuse?.look(chunk);
    if (this.#bytes > this.#maxBytes) this.#failure ??= 'too_large';
    else this.#format.write(chunk);
    if (this.#format.isOver === true) return false;
    return this.#failure === undefined && this.#format.failure === undefined;
  }

  fault(): void {
    this.#failure ??= 'encoding';
  }

  result(isWhole: boolean): CountResult {
    if (this.#failure === undefined) {
      if (isWhole) this.#format.end();
      else this.#format.cut?.();
    }
    const failure = this.#format.failure ?? this.#failure;
    // A frame that was cut was not delivered, but the whole posts of a cut body were.
    if (failure === undefined && (isWhole || !this.#isStream)) this.#found.settle();
    else {
      if (this.#excuse !== null) this.#excuse.hasPosts ||= this.#found.posts > 0;
      this.#found.revert();
    }
    if (isWhole && this.#uncounted === undefined) this.#copy?.check(this.#found.posts);
    else this.#copy?.drop();
    return this.take();
  }
}
