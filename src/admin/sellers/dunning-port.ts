/** The port of the levels of dunning that sellers have. */

import type { DunningSetting } from '../../seller/dunning.ts';
import type { Actor } from '../port.ts';

export interface DunningLevelStore {
  /** In order; empty if the product's levels apply. Null if the seller does not exist. */
  dunningLevels(sellerId: string): Promise<readonly DunningSetting[] | null>;
  /** Replaces all levels. Empty: the product's apply. Returns null if the seller does not exist. */
  setDunningLevels(
    sellerId: string,
    levels: readonly DunningSetting[],
    who: Actor,
  ): Promise<readonly DunningSetting[] | null>;
}
