/**
 * Fallback items (`fallback`), which count only if the selectors that take precedence matched nothing in the whole
 * page.
 */

import type { PostCount } from '../post-count.ts';
import type { PostId } from '../post-id.ts';
import type { HeldItem } from './open-element.ts';

/** Maximum number of held items. Pages that need them have one such item, their body. */
const MAX_ITEMS = 1024;

export class FallbackItems {
  /** One bit for each fallback selector; its items are held until the end of the page. */
  readonly waiting: number;
  readonly #rivals: readonly number[];
  readonly #held: HeldItem[] = [];
  /** One bit for each selector that matched. */
  #found = 0;

  /** @param rivals by selector, one bit for each selector that takes precedence; 0 if there is none. */
  constructor(rivals: readonly number[]) {
    this.#rivals = rivals;
    this.waiting = rivals.reduce((bits, mask, selector) => (mask === 0 ? bits : bits | (1 << selector)), 0);
  }

  isWaiting(selector: number): boolean {
    return this.#rivals[selector] !== 0;
  }

  /** Records that a selector which is not a fallback matched. */
  recordMatch(selector: number): void {
    this.#found |= 1 << selector;
  }

  hold(selector: number, id: PostId): void {
    if (this.#held.length < MAX_ITEMS) this.#held.push({ selector, id: id.copy() });
  }

  /** Counts the remaining fallback items. Called at the end of the page. */
  release(found: PostCount): void {
    for (const { selector, id } of this.#held) {
      if ((this.#found & this.#rivals[selector]!) === 0) found.found(selector, id);
    }
  }
}
