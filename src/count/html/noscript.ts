/**
 * Items in `noscript`, which clients without scripts read. Most of them are copies of what scripts show elsewhere in the
 * page: at its end those count that the page does not have outside of `noscript`.
 */

import type { PostCount } from '../post-count.ts';
import { PostId } from '../post-id.ts';
import type { OpenElement } from './open-element.ts';

/** Ids that are told apart, and items that are held. */
const MAX_ITEMS = 65_536;

interface HeldItem {
  readonly selector: number;
  readonly hasId: boolean;
  readonly high: number;
  readonly low: number;
}

type Identified = Pick<OpenElement, 'hasId' | 'high' | 'low'>;

export class Noscript {
  readonly #kinds: readonly string[];
  readonly #held: HeldItem[] = [];
  /** What is outside: kinds of items, and ids. */
  readonly #seenKinds = new Set<string>();
  readonly #seenIds = new Set<number>();

  /** @param kinds of the items, by selector. */
  constructor(kinds: readonly string[]) {
    this.#kinds = kinds;
  }

  /** An item outside of `noscript` has ended. */
  saw(selector: number, item: Identified): void {
    this.#seenKinds.add(this.#kinds[selector]!);
    if (item.hasId && this.#seenIds.size < MAX_ITEMS) this.#seenIds.add(keyOf(item));
  }

  /** An item in `noscript` has ended. */
  hold(selector: number, { hasId, high, low }: Identified): void {
    if (this.#held.length < MAX_ITEMS) this.#held.push({ selector, hasId, high, low });
  }

  /** The page is over. @param counted is told which selectors found something. */
  release(found: PostCount, counted: (selector: number) => void): void {
    const id = new PostId();
    for (const item of this.#held) {
      const { selector, hasId, high, low } = item;
      // Without an id nothing tells a copy from another item of its kind.
      const isCopy = hasId ? this.#seenIds.has(keyOf(item)) : this.#seenKinds.has(this.#kinds[selector]!);
      if (isCopy) continue;
      if (hasId) this.#seenIds.add(keyOf(item));
      id.high = high;
      id.low = low;
      id.isKnown = hasId;
      counted(selector);
      found.found(selector, id);
    }
  }
}

/** 53 bits of the hash, which a number holds. */
function keyOf({ high, low }: Identified): number {
  return (high >>> 0) * 0x20_0000 + (low >>> 11);
}
