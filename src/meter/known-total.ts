/** One client's total as this process knows it: what the store last said, and own posts that are not in it yet. */

import type { Total } from './port.ts';

export class KnownTotal implements Total {
  readonly clientId: string;
  /** Kept at hand, so that reading it on the way of a request costs nothing. */
  posts = 0;
  oldestMs: number | undefined;
  asOfMs: number;
  windowMs: number;
  /** When a request last asked for it. */
  seenMs: number;
  /** The store has answered at least once. */
  heard = false;
  /** A request of this client waits, or has waited, for the first answer of the store. */
  hasWaited = false;
  #whenHeard: (() => void)[] = [];
  /** Own posts are on their way to the store: its answer, which has them, comes within milliseconds. */
  shipping = false;
  /** `posts` was estimated while the store was away. */
  estimated = false;
  /** When the oldest bucket leaves, as far as it has been noted. */
  leavesMs: number | undefined;
  /** Until then totals may fall within a bucket, because posts were moved; 0: they do not. By the monotonic clock. */
  fallsUntilMs = 0;
  #stored = 0;
  #own = 0;

  constructor(clientId: string, windowMs: number, bucketMs: number, nowMs: number) {
    this.clientId = clientId;
    this.windowMs = windowMs;
    this.asOfMs = bucketMs;
    this.seenMs = nowMs;
  }

  bump(posts: number, bucketMs: number): void {
    this.#own += posts;
    this.posts += posts;
    this.oldestMs ??= bucketMs;
  }

  /**
   * Takes an answer of the store. Within one bucket a total only grows, so of two for the same bucket the larger is the
   * later, unless it may fall (`mayFall`): then the one that arrives later counts.
   */
  hear(total: Total, mayFall = false): void {
    if (this.heard && total.asOfMs < this.asOfMs) return;
    const onlyGrows = !mayFall && this.heard && total.asOfMs === this.asOfMs;
    this.#stored = onlyGrows ? Math.max(this.#stored, total.posts) : total.posts;
    this.oldestMs = total.oldestMs ?? (this.#own > 0 ? total.asOfMs : undefined);
    this.asOfMs = total.asOfMs;
    this.heard = true;
    this.#sumUp();
    for (const resolve of this.#whenHeard.splice(0)) resolve();
  }

  /** Resolves with the first answer of the store; never if none comes. */
  firstAnswer(): Promise<void> {
    return new Promise((resolve) => this.#whenHeard.push(resolve));
  }

  /** Own posts have reached the store. */
  settle(posts: number): void {
    this.#own = Math.max(0, this.#own - posts);
    this.#sumUp();
  }

  forgetOwn(): void {
    this.#own = 0;
    this.#sumUp();
  }

  /**
   * The store is away: what it last said leaves the window evenly, as far as anybody can tell, and own posts are all
   * that comes in. Right for an even stream, and back at the truth as soon as the store answers.
   */
  estimate(nowMs: number): void {
    this.estimated = true;
    const windowsAway = Math.max(0, nowMs - this.asOfMs) / this.windowMs;
    this.posts = Math.round(
      this.#stored * Math.max(0, 1 - windowsAway) + this.#own / Math.max(1, windowsAway),
    );
  }

  /** The store is back: until it answers for this client, the last known total holds. */
  trust(): void {
    this.#sumUp();
  }

  #sumUp(): void {
    this.posts = this.#stored + this.#own;
    this.estimated = false;
  }
}
