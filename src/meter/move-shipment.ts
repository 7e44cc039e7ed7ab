/**
 * Ledger to window store: posts that moves of identifiers have transferred between clients.
 *
 * A window holds posts as they were metered, plus what was moved. The ledger numbers what it moves in commit order,
 * and the store takes each number once, like a record of a journal (`MOVES_JOURNAL`). The order in which ledger and
 * window receive a record therefore does not matter, nor how many processes send the same number. A rebuild reads
 * the posts and the last number in one snapshot, and later numbers are added only to the new life of the store.
 */

import {
  MOVES_JOURNAL,
  type MovedPosts,
  type Timing,
  type UsageLedger,
  type WindowAdd,
  type WindowStore,
} from './port.ts';
import type { TotalsCache } from './totals/totals-cache.ts';

export interface MoveShipmentOptions {
  readonly ledger: Pick<UsageLedger, 'movedPosts'>;
  readonly window: Pick<WindowStore, 'base' | 'add'>;
  readonly totals: Pick<TotalsCache, 'corrected'>;
  readonly timing: Pick<Timing, 'nowMs'>;
  readonly windowMsOf: (clientId: string) => number;
  readonly longestWindowMs: number;
}

const MAX_READ = 20;

export class MoveShipment {
  readonly #options: MoveShipmentOptions;
  /** Null until the store has reported how much it has. */
  #readUpTo: number | null = null;
  #pending: MovedPosts[] = [];

  constructor(options: MoveShipmentOptions) {
    this.#options = options;
  }

  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /** Reads what the ledger has moved since, once everything read before was applied. */
  async read(): Promise<void> {
    if (this.#readUpTo === null || this.hasPending) return;
    const found = await this.#options.ledger.movedPosts(this.#readUpTo, MAX_READ);
    this.#readUpTo = found.at(-1)?.sequence ?? this.#readUpTo;
    this.#pending.push(...found);
  }

  /**
   * Adds what the store lacks of what was read. A rebuild by this process must not run at the same time. Each
   * number is a separate add, because another process may already have sent it.
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
