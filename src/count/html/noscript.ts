/**
 * Items in `noscript`, which clients without scripts see. Most are copies of items elsewhere in the page. At the end
 * of the page, those count that do not occur outside of `noscript`.
 */

import type { PostCount } from '../post-count.ts';
import { PostId } from '../post-id.ts';
import type { OpenElement } from './open-element.ts';

/** Maximum number of distinct ids, and of held items. */
const MAX_ITEMS = 65_536;

interface HeldItem {
  readonly selector: number;
  readonly hasId: boolean;
  readonly high: number;
  readonly low: number;
}

type ElementId = Pick<OpenElement, 'hasId' | 'high' | 'low'>;

export class Noscript {
  readonly #kinds: readonly string[];
  readonly #held: HeldItem[] = [];
  /** Kinds and ids of the items outside of `noscript`. */
  readonly #seenKinds = new Set<string>();
  readonly #seenIds = new Set<number>();

  /** @param kinds of the items, by selector. */
  constructor(kinds: readonly string[]) {
    this.#kinds = kinds;
  }

  /** Records an item that ended outside of `noscript`. */
  recordMatch(selector: number, item: ElementId): void {
    this.#seenKinds.add(this.#kinds[selector]!);
    if (item.hasId && this.#seenIds.size < MAX_ITEMS) this.#seenIds.add(keyOf(item));
  }

  /** Holds an item that ended inside `noscript`. */
  hold(selector: number, { hasId, high, low }: ElementId): void {
    if (this.#held.length < MAX_ITEMS) this.#held.push({ selector, hasId, high, low });
  }

  /**
   * Counts the held items that are not copies. Called at the end of the page.
   * @param counted is called with each selector that matched.
   */
  release(found: PostCount, counted: (selector: number) => void): void {
    const id = new PostId();
    for (const item of this.#held) {
      const { selector, hasId, high, low } = item;
      // Without an id, a copy cannot be distinguished from another item of its kind.
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

/** 53 bits of the hash, the integer range of a number. */
function keyOf({ high, low }: ElementId): number {
  return (high >>> 0) * 0x20_0000 + (low >>> 11);
}
