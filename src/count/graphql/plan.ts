/** Which fields of a GraphQL API hold posts. */

import type { PlanResult } from '../route/compile.ts';
import type { GraphqlEntry } from '../route/schema.ts';

export interface GraphqlPlan {
  readonly entries: readonly GraphqlEntry[];
  /** Persisted queries by id. */
  readonly documents: Readonly<Record<string, string>>;
}

export function compileGraphql(
  entries: readonly GraphqlEntry[],
  documents: Readonly<Record<string, string>>,
): PlanResult<GraphqlPlan> {
  return { ok: true, plan: { entries, documents } };
}
