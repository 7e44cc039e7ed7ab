/** A container on the walk that is still open: its place, and what is known of the item that it may be. */

import { PostId } from '../../post-id.ts';
import { readOrigin } from '../address.ts';
import type { DfaState, OriginTest } from './plan.ts';

const BITS = 32;

export class Frame {
  state: DfaState | null = null;
  isArray = false;
  isPost = false;
  /** Number of names that have not occurred yet. */
  unseen = 0;
  /** The bits of the tests that the item has passed so far. */
  passed = 0;
  /** Its ids by slot, and the origins under test, which are stored like ids. */
  readonly ids: PostId[] = [];
  /** One bit for each name that has occurred: the first 32 names, and the others. */
  #seen = 0;
  #moreSeen: Int32Array | null = null;

  begin(state: DfaState, isArray: boolean, isPost: boolean): void {
    this.state = state;
    this.isArray = isArray;
    this.isPost = isPost;
    this.passed = state.startBits;
    this.#seen = 0;
    const { size } = state.names;
    this.unseen = size;
    if (size > BITS) this.#clearMore(Math.ceil(size / BITS) - 1);
    for (const slot of state.idSlots) this.#clearId(slot);
  }

  #clearMore(words: number): void {
    if (this.#moreSeen === null || this.#moreSeen.length < words) this.#moreSeen = new Int32Array(words);
    else this.#moreSeen.fill(0);
  }

  #clearId(slot: number): void {
    const id = this.ids[slot];
    if (id === undefined) this.ids[slot] = new PostId();
    else id.clear();
  }

  /** Reads an address under test. */
  readOrigin(
    slot: number,
    { otherSlot, bit }: OriginTest,
    chunk: Uint8Array,
    from: number,
    to: number,
  ): void {
    const own = this.ids[slot]!;
    if (readOrigin(own, chunk, from, to) && own.equals(this.ids[otherSlot]!)) this.passed |= bit;
  }

  /** Records the name with that number. Returns false if it occurred before. */
  see(index: number): boolean {
    const bit = 1 << (index % BITS);
    if (index < BITS) {
      if ((this.#seen & bit) !== 0) return false;
      this.#seen |= bit;
    } else {
      const word = Math.floor(index / BITS) - 1;
      if ((this.#moreSeen![word]! & bit) !== 0) return false;
      this.#moreSeen![word]! |= bit;
    }
    this.unseen--;
    return true;
  }
}
