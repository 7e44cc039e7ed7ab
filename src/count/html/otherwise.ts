/** Items that count only where the selectors that they yield to found nothing in the whole page. */

import type { PostCount } from '../post-count.ts';
import { PostId } from '../post-id.ts';
import type { OpenElement } from './open-element.ts';

/** Items of which the ids are held. Pages that need them have one such item, their body. */
const MAX_ITEMS = 1024;

interface HeldItem {
  readonly selector: number;
  readonly hasId: boolean;
  readonly high: number;
  readonly low: number;
}

export class Otherwise {
  /** One bit for each selector whose items wait for the page's end. */
  readonly waiting: number;
  readonly #rivals: readonly number[];
  readonly #held: HeldItem[] = [];
  /** One bit for each selector that found something. */
  #found = 0;

  /** @param rivals by selector, one bit for each that it yields to; 0 where it yields to none. */
  constructor(rivals: readonly number[]) {
    this.#rivals = rivals;
    this.waiting = rivals.reduce((bits, mask, selector) => (mask === 0 ? bits : bits | (1 << selector)), 0);
  }

  isWaiting(selector: number): boolean {
    return this.#rivals[selector] !== 0;
  }

  /** A selector that need not wait found something. */
  saw(selector: number): void {
    this.#found |= 1 << selector;
  }

  hold(selector: number, { hasId, high, low }: OpenElement): void {
    if (this.#held.length < MAX_ITEMS) this.#held.push({ selector, hasId, high, low });
  }

  /** The page is over. */
  release(found: PostCount): void {
    const id = new PostId();
    for (const { selector, hasId, high, low } of this.#held) {
      if ((this.#found & this.#rivals[selector]!) !== 0) continue;
      id.high = high;
      id.low = low;
      id.isKnown = hasId;
      found.found(selector, id);
    }
  }
}
