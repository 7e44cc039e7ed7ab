/** One client's total as known to this process: the store's last result, plus own posts not yet in it. */

import type { ClientStanding } from '../batching/gathering.ts';
import type { Total } from '../port.ts';

export class CachedTotal implements Total, ClientStanding {
  readonly clientId: string;
  /** Kept up to date, so that reading it in a request costs nothing. */
  posts = 0;
  oldestMs: number | undefined;
  asOfMs: number;
  windowMs: number;
  /** Posts at which the client is refused, as it was when the first of the posts that are not shipped came. */
  limit = Number.POSITIVE_INFINITY;
  /** When a request last asked for it. */
  seenMs: number;
  /** True once the store has responded. */
  heard = false;
  /** True once a request of this client has waited for the store's first result. */
  hasWaited = false;
  #whenHeard: (() => void)[] = [];
  /** Own posts are in flight to the store. Its result, which includes them, arrives within milliseconds. */
  shipping = false;
  /** True if `posts` was estimated while the store was unreachable. */
  estimated = false;
  /** When the oldest bucket leaves, if scheduled. */
  leavesMs: number | undefined;
  /** Until this time totals may fall within a bucket, because posts were moved; 0: they do not. Monotonic clock. */
  fallsUntilMs = 0;
  #stored = 0;
  #own = 0;

  constructor(clientId: string, windowMs: number, bucketMs: number, nowMs: number) {
    this.clientId = clientId;
    this.windowMs = windowMs;
    this.asOfMs = bucketMs;
    this.seenMs = nowMs;
  }

  /** Own posts that the store does not have yet. */
  get unshipped(): number {
    return this.#own;
  }

  get isKnown(): boolean {
    return this.heard;
  }

  bump(posts: number, bucketMs: number): void {
    this.#own += posts;
    this.posts += posts;
    this.oldestMs ??= bucketMs;
  }

  /**
   * Takes a result of the store. Within one bucket a total only grows, so of two for the same bucket the larger is
   * the later. If it may fall (`mayFall`), the one that arrives later counts.
   */
  update(total: Total, mayFall = false): void {
    if (this.heard && total.asOfMs < this.asOfMs) return;
    const onlyGrows = !mayFall && this.heard && total.asOfMs === this.asOfMs;
    this.#stored = onlyGrows ? Math.max(this.#stored, total.posts) : total.posts;
    this.oldestMs = total.oldestMs ?? (this.#own > 0 ? total.asOfMs : undefined);
    this.asOfMs = total.asOfMs;
    this.heard = true;
    this.#sumUp();
    for (const resolve of this.#whenHeard.splice(0)) resolve();
  }

  /** Resolves with the store's first result; never if none comes. */
  firstAnswer(): Promise<void> {
    return new Promise((resolve) => this.#whenHeard.push(resolve));
  }

  /** Own posts have reached the store. */
  confirm(posts: number): void {
    this.#own = Math.max(0, this.#own - posts);
    this.#sumUp();
  }

  forgetOwn(): void {
    this.#own = 0;
    this.#sumUp();
  }

  /**
   * Estimates while the store is unreachable: the last stored total leaves the window evenly, and only own posts
   * are added. Correct for an even stream, and replaced as soon as the store responds.
   */
  estimate(nowMs: number): void {
    this.estimated = true;
    const windowsAway = Math.max(0, nowMs - this.asOfMs) / this.windowMs;
    this.posts = Math.round(
      this.#stored * Math.max(0, 1 - windowsAway) + this.#own / Math.max(1, windowsAway),
    );
  }

  /** The store is reachable again: the last known total applies until it responds for this client. */
  markExact(): void {
    this.#sumUp();
  }

  #sumUp(): void {
    this.posts = this.#stored + this.#own;
    this.estimated = false;
  }
}
