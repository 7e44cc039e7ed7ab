/** Plans a set of selectors: one automaton for each way in which a count may need them. */

import { buildTree } from './build-dfa.ts';
import type { CountMode, JsonPlan, PlanNeeds, PlanTree, PostSelector } from './plan.ts';

/** The largest tree that a plan can need; it contains all others. */
export const ALL_NEEDS: PlanNeeds = { readsIds: true, explains: true };

/**
 * Plans any number of selectors, with at most 30 different tests.
 * @param countings by rule. If omitted, the count reports the items of each rule.
 */
export function planJson(selectors: readonly PostSelector[], countings?: readonly CountMode[]): JsonPlan {
  const hasIds = selectors.some(({ id }) => id !== undefined);
  const trees = new Map<string, PlanTree>();
  return {
    tree({ readsIds, explains }) {
      const asked = { readsIds: readsIds && hasIds, countings: explains ? undefined : countings };
      const key = `${asked.readsIds} ${asked.countings === undefined}`;
      let tree = trees.get(key);
      if (tree === undefined) {
        tree = buildTree(selectors, asked);
        trees.set(key, tree);
      }
      return tree;
    },
  };
}
