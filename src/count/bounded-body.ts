/** A body in its format, decoded, with the bound on its bytes: what every counter hands its chunks to. */

import type { CountResult } from './counter.ts';
import type { UncountedReason } from './uncounted.ts';

/** Counts the decoded bytes of one format. New formats are added here and in the route rule. */
export interface FormatCounter {
  readonly posts: number;
  readonly failure: UncountedReason | undefined;
  /** Takes a chunk, which is not kept. */
  write(chunk: Uint8Array): void;
  /** The body is over; sets `failure` where it was not whole. */
  end(): void;
}

/** A format's counter with the bound on decoded bytes. */
export class BoundedBody {
  readonly #format: FormatCounter;
  readonly #maxBytes: number;
  #bytes = 0;
  #failure: UncountedReason | undefined;

  constructor(format: FormatCounter, maxBytes: number) {
    this.#format = format;
    this.#maxBytes = maxBytes;
  }

  get posts(): number {
    return this.#format.posts;
  }

  /** Returns false where nothing that follows can matter. */
  write(chunk: Uint8Array): boolean {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) this.#failure ??= 'too_large';
    else this.#format.write(chunk);
    return this.#failure === undefined && this.#format.failure === undefined;
  }

  fault(): void {
    this.#failure ??= 'encoding';
  }

  result(isWhole: boolean): CountResult {
    if (isWhole && this.#failure === undefined) this.#format.end();
    // The first fault stands: a format's own was found on bytes before the bound.
    const uncounted = this.#format.failure ?? this.#failure;
    return uncounted === undefined ? { posts: this.#format.posts } : { posts: 0, uncounted };
  }
}
