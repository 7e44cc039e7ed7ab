/** Locates the posts in the result of one operation, from the document that its request names. */

import type { JsonPlan } from '../json/automaton/plan.ts';
import type { Budget } from './budget.ts';
import type { Sha256Hex } from './documents.ts';
import type { OperationPlan } from './operations.ts';
import type { GraphqlParameters } from './parameters.ts';
import type { GraphqlPlan } from './plan.ts';

/** `doubtful`: the request also names a persisted query, which the upstream may execute instead. */
export type ResultPlan = OperationPlan | { readonly doubtful: JsonPlan };

export interface PlannedResult {
  readonly plan: ResultPlan;
  /** True if the document is known but its posts cannot be located. */
  readonly isUnknown: boolean;
}

/**
 * @param asked null if the request could not be read.
 * @param isAlone false in a batch, whose results must arrive whole.
 */
export function planResult(
  asked: GraphqlParameters | null,
  { documents, operations }: GraphqlPlan,
  sha256Hex: Sha256Hex,
  budget: Budget,
  isAlone: boolean,
): PlannedResult {
  const document = asked && documents.find(asked, sha256Hex);
  if (asked === null || document === null) return { plan: 'unknown', isUnknown: false };
  const plan = operations.planOf(document, asked.operationName, asked.variables, budget);
  if (plan === 'unknown') return { plan, isUnknown: true };
  if (!isAlone && plan !== 'none' && plan.isIncremental) return { plan: 'unknown', isUnknown: true };
  if (documents.knowsAll(asked.ids) || asked.query === null) return { plan, isUnknown: false };
  return { plan: plan === 'none' ? 'unknown' : { doubtful: plan }, isUnknown: false };
}

/** Whether the request names no document at all. */
export function asksNothing({ query, ids, sha256 }: GraphqlParameters): boolean {
  return query === null && ids.length === 0 && sha256 === null;
}
