/**
 * Counts posts in a page of HTML as its bytes pass.
 *
 * HTML has no form that could be faulty, so that a page without posts is an honest 0, and one that its upstream cut
 * counts what ended up to there. A body without a single tag is no page ('shape'), and an empty one was cut before
 * it began ('truncated').
 */

import type { FormatCounter } from '../format-counter.ts';
import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';
import { BodyText } from './body-text.ts';
import { Page } from './page.ts';
import type { HtmlPlan } from './plan.ts';

export class HtmlCounter implements FormatCounter {
  readonly #plan: HtmlPlan;
  readonly #found: PostCount;
  #text = new BodyText();
  #page: Page;
  #failure: UncountedReason | undefined = undefined;
  /** Whether anything but spaces was read. */
  #hasBegun = false;

  constructor(plan: HtmlPlan, found: PostCount) {
    this.#plan = plan;
    this.#found = found;
    this.#page = new Page(plan, found);
  }

  /** As text in a string of JSON, it is read whatever it begins with: it is promised to be HTML. */
  reads(): boolean {
    return true;
  }

  /** Begins another page. */
  reset(): void {
    this.#text = new BodyText();
    this.#page = new Page(this.#plan, this.#found);
    this.#failure = undefined;
    this.#hasBegun = false;
  }

  get failure(): UncountedReason | undefined {
    return this.#failure ?? this.#page.failure;
  }

  write(chunk: Uint8Array): void {
    if (this.failure === undefined) this.#read(this.#text.read(chunk));
  }

  end(): void {
    if (this.failure !== undefined) return;
    this.#read(this.#text.end());
    if (this.#page.hasTags) this.#page.end();
    else this.#failure ??= this.#hasBegun ? 'shape' : 'truncated';
  }

  cut(): void {
    if (this.failure === undefined) this.#page.cut();
  }

  #read(text: string): void {
    if (!this.#hasBegun) this.#begin(text);
    if (text !== '' && this.failure === undefined) this.#page.write(text);
  }

  /** JSON with HTML in its strings, as pages that scroll without end load it, must not pass for a page. */
  #begin(text: string): void {
    const first = /\S/.exec(text)?.[0];
    if (first === undefined) return;
    this.#hasBegun = true;
    if (first === '{' || first === '[') this.#failure = 'shape';
  }
}
