/**
 * Ledger to window store: posts that moves of identifiers have taken from one client and given to another.
 *
 * A window holds posts as they were metered, plus what was moved. The ledger numbers what it moves, in the order of
 * commits, and the store takes each number once, like a record of a journal (`MOVES_JOURNAL`). So it does not matter
 * whether the ledger or the window has a record first, nor how many processes bring the same number. A rebuild reads the
 * posts and the last number at one moment, and numbers after it are added to the new life of the store alone.
 */

import {
  MOVES_JOURNAL,
  type MovedPosts,
  type Timing,
  type UsageLedger,
  type WindowAdd,
  type WindowStore,
} from './port.ts';
import type { TotalsBoard } from './totals.ts';

export interface MoveShipmentOptions {
  readonly ledger: Pick<UsageLedger, 'movedPosts'>;
  readonly window: Pick<WindowStore, 'base' | 'add'>;
  readonly totals: Pick<TotalsBoard, 'corrected'>;
  readonly timing: Pick<Timing, 'nowMs'>;
  readonly windowMsOf: (clientId: string) => number;
  readonly longestWindowMs: number;
}

const MAX_READ = 20;

export class MoveShipment {
  readonly #options: MoveShipmentOptions;
  /** Null until the store has answered how much it has. */
  #readUpTo: number | null = null;
  #pending: MovedPosts[] = [];

  constructor(options: MoveShipmentOptions) {
    this.#options = options;
  }

  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /** Reads what the ledger has moved since, once the last of it was applied. */
  async read(): Promise<void> {
    if (this.#readUpTo === null || this.hasPending) return;
    const found = await this.#options.ledger.movedPosts(this.#readUpTo, MAX_READ);
    this.#readUpTo = found.at(-1)?.sequence ?? this.#readUpTo;
    this.#pending.push(...found);
  }

  /**
   * Adds to the store what it lacks of what was read. A rebuild by this process must not run at the same time. Each
   * number is an add of its own, because another process may have brought it already.
   */
  async apply(): Promise<void> {
    if (this.#readUpTo !== null && !this.hasPending) return;
    const { window, totals, timing } = this.#options;
    const base = await window.base(MOVES_JOURNAL);
    if (base === null) return;
    this.#readUpTo ??= base.lastSequence;
    for (const moved of this.#pending) {
      if (moved.sequence <= base.lastSequence) continue;
      await window.add(MOVES_JOURNAL, moved.sequence, this.#addsOf(moved), timing.nowMs());
    }
    totals.corrected(this.#pending.flatMap(({ fromClientId, toClientId }) => [fromClientId, toClientId]));
    this.#pending = [];
  }

  #addsOf({ fromClientId, toClientId, posts }: MovedPosts): WindowAdd[] {
    const { timing, longestWindowMs, windowMsOf } = this.#options;
    const fromMs = timing.nowMs() - longestWindowMs;
    const given = posts.filter(({ bucketMs }) => bucketMs >= fromMs);
    const taken = given.map((one) => ({ ...one, posts: -one.posts }));
    const add = (clientId: string, all: WindowAdd['posts']) => ({
      clientId,
      windowMs: windowMsOf(clientId),
      posts: all,
    });
    return [add(fromClientId, taken), add(toClientId, given)];
  }
}
