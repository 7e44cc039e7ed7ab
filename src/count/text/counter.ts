/**
 * Counts posts in plain text, or any body as one post. A post begins with its line and counts when the next one
 * begins or the body ends. A cut post was not delivered and does not count.
 */

import type { FormatCounter } from '../format-counter.ts';
import { isSpace, LINE_FEED } from '../json/bytes.ts';
import type { PostCount } from '../post-count.ts';
import { MAX_LINE_BYTES, matchesLine } from './line-pattern.ts';
import type { TextPlan } from './plan.ts';
import { TextBytes } from './text-bytes.ts';

/** No post has begun. */
const NONE = -1;

export class TextCounter implements FormatCounter {
  readonly failure = undefined;
  readonly #plan: TextPlan;
  readonly #found: PostCount;
  readonly #bytes = new TextBytes();
  /** The beginning of a line that the end of a chunk cuts. */
  readonly #line = new Uint8Array(MAX_LINE_BYTES);
  #lineBytes = 0;
  /** The selector of the current post. */
  #open = NONE;

  constructor(plan: TextPlan, found: PostCount) {
    this.#plan = plan;
    this.#found = found;
  }

  write(chunk: Uint8Array): void {
    this.#read(this.#bytes.read(chunk));
  }

  end(): void {
    this.#read(this.#bytes.end());
    if (!this.#plan.isWhole) this.#endLine();
    this.#endPost();
  }

  #read(text: Uint8Array): void {
    if (this.#plan.isWhole) {
      if (this.#open === NONE && !text.every(isSpace)) this.#open = 0;
      return;
    }
    let at = 0;
    for (;;) {
      const end = text.indexOf(LINE_FEED, at);
      if (end === -1) break;
      if (this.#lineBytes === 0) this.#test(text, at, Math.min(end, at + MAX_LINE_BYTES));
      else {
        this.#hold(text, at, end);
        this.#endLine();
      }
      at = end + 1;
    }
    this.#hold(text, at, text.length);
  }

  #hold(text: Uint8Array, from: number, to: number): void {
    const end = Math.min(to, from + MAX_LINE_BYTES - this.#lineBytes);
    if (end <= from) return;
    this.#line.set(text.subarray(from, end), this.#lineBytes);
    this.#lineBytes += end - from;
  }

  #endLine(): void {
    const bytes = this.#lineBytes;
    this.#lineBytes = 0;
    this.#test(this.#line, 0, bytes);
  }

  #test(text: Uint8Array, from: number, to: number): void {
    let end = to;
    while (end > from && isSpace(text[end - 1]!)) end--;
    if (end === from) return;
    const index = this.#plan.patterns.findIndex((pattern) => matchesLine(pattern!, text, from, end));
    if (index === -1) return;
    this.#endPost();
    this.#open = index;
  }

  #endPost(): void {
    if (this.#open === NONE) return;
    this.#found.found(this.#open, null);
    this.#found.settle();
    this.#open = NONE;
  }
}
