/**
 * Items in `noscript`, which clients without scripts see. Most are copies of items elsewhere in the page. At the end
 * of the page, those count that do not occur outside of `noscript`.
 */

import type { PostCount } from '../post-count.ts';
import type { PostId } from '../post-id.ts';
import type { HeldItem } from './open-element.ts';

/** Maximum number of distinct ids, and of held items. */
const MAX_ITEMS = 65_536;

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
  recordMatch(selector: number, id: PostId): void {
    this.#seenKinds.add(this.#kinds[selector]!);
    if (id.isKnown && this.#seenIds.size < MAX_ITEMS) this.#seenIds.add(id.key);
  }

  /** Holds an item that ended inside `noscript`. */
  hold(selector: number, id: PostId): void {
    if (this.#held.length < MAX_ITEMS) this.#held.push({ selector, id: id.copy() });
  }

  /**
   * Counts the held items that are not copies. Called at the end of the page.
   * @param counted is called with each selector that matched.
   */
  release(found: PostCount, counted: (selector: number) => void): void {
    for (const { selector, id } of this.#held) {
      // Without an id, a copy cannot be distinguished from another item of its kind.
      const isCopy = id.isKnown ? this.#seenIds.has(id.key) : this.#seenKinds.has(this.#kinds[selector]!);
      if (isCopy) continue;
      if (id.isKnown) this.#seenIds.add(id.key);
      counted(selector);
      found.found(selector, id);
    }
  }
}
