/**
 * Counts posts in an HTML page as its bytes pass.
 *
 * HTML has no syntax errors, so a page without posts counts 0, and a truncated page counts the posts that ended
 * before the cut. A body without any tag is not a page ('shape'), and an empty body was cut before it began
 * ('truncated').
 */

import type { FormatCounter } from '../format-counter.ts';
import type { PostCount } from '../post-count.ts';
import { SniffedText, utf16Of } from '../text/sniffed-text.ts';
import type { UncountedReason } from '../uncounted.ts';
import { HtmlPage } from './page.ts';
import type { HtmlPlan } from './plan.ts';

/**
 * Markup is ASCII in all encodings except UTF-16. Bytes that are not UTF-8 become a replacement character, which
 * never swallows the following byte (Encoding standard, 8.1.1).
 */
function htmlEncoding(start: Uint8Array, isWhole: boolean): string | undefined {
  return start.length < 2 && !isWhole ? undefined : (utf16Of(start) ?? 'utf-8');
}

export class HtmlCounter implements FormatCounter {
  readonly #plan: HtmlPlan;
  readonly #found: PostCount;
  #text = new SniffedText(htmlEncoding);
  #page: HtmlPage;
  #failure: UncountedReason | undefined = undefined;
  /** True once anything but spaces was read. */
  #hasBegun = false;

  constructor(plan: HtmlPlan, found: PostCount) {
    this.#plan = plan;
    this.#found = found;
    this.#page = new HtmlPage(plan, found);
  }

  /** HTML embedded in a JSON string may begin with any byte, because the route declares it to be HTML. */
  reads(): boolean {
    return true;
  }

  /** Starts another page. */
  reset(): void {
    this.#text = new SniffedText(htmlEncoding);
    this.#page = new HtmlPage(this.#plan, this.#found);
    this.#failure = undefined;
    this.#hasBegun = false;
  }

  get failure(): UncountedReason | undefined {
    return this.#failure ?? this.#page.failure;
  }

  write(chunk: Uint8Array): void {
    if (this.failure === undefined) this.#read(this.#text.decode(chunk));
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

  /** JSON with HTML in its strings, which infinite scrolling loads, must not be accepted as a page. */
  #begin(text: string): void {
    const first = /\S/.exec(text)?.[0];
    if (first === undefined) return;
    this.#hasBegun = true;
    if (first === '{' || first === '[') this.#failure = 'shape';
  }
}
