/** Plans a set of selectors: one automaton for each way in which a count may need them. */

import { buildDfa } from './build-dfa.ts';
import type { CountMode, Dfa, JsonPlan, PlanNeeds, PostSelector } from './plan.ts';

/** The largest automaton that a plan can need; it contains all others. */
export const ALL_NEEDS: PlanNeeds = { readsIds: true, explains: true };

/**
 * Plans any number of selectors, with at most 30 different tests.
 * @param countings by rule. If omitted, the count reports the items of each rule.
 */
export function planJson(selectors: readonly PostSelector[], countings?: readonly CountMode[]): JsonPlan {
  const hasIds = selectors.some(({ id }) => id !== undefined);
  const dfas = new Map<string, Dfa>();
  return {
    dfa({ readsIds, explains }) {
      const asked = { readsIds: readsIds && hasIds, countings: explains ? undefined : countings };
      const key = `${asked.readsIds} ${asked.countings === undefined}`;
      let dfa = dfas.get(key);
      if (dfa === undefined) {
        dfa = buildDfa(selectors, asked);
        dfas.set(key, dfa);
      }
      return dfa;
    },
  };
}
