/**
 * The fields of a GraphQL API that contain posts, what is known of the documents that ask for them, and where the posts
 * are in the result of an operation.
 */

import type { JsonPlan } from '../json/automaton/plan.ts';
import type { RouteProblems } from '../route/problem.ts';
import type { GraphqlEntry } from '../route/schema.ts';
import type { Budget } from './budget.ts';
import { Documents, type Sha256Hex } from './documents.ts';
import type { PostField } from './locate-posts.ts';
import { type OperationPlan, Operations, parseDocument } from './operations.ts';
import type { GraphqlParameters } from './parameters.ts';

export interface GraphqlPlan {
  readonly documents: Documents;
  readonly operations: Operations;
}

const AT_ROOT = 'Query.';

/** @param documents persisted queries by id. */
export function compileGraphql(
  entries: readonly GraphqlEntry[],
  documents: Readonly<Record<string, string>>,
): GraphqlPlan {
  return { documents: new Documents(documents), operations: new Operations(entries.map(postField)) };
}

/** Checks the persisted queries of a route. */
export function checkDocuments(documents: Readonly<Record<string, string>>, problems: RouteProblems): void {
  for (const [id, text] of Object.entries(documents)) {
    if (parseDocument(text) !== null) continue;
    problems.add(['documents', id], 'is not a valid GraphQL document; fix or remove it');
  }
}

function postField({ graphql, id }: GraphqlEntry): PostField {
  const atRoot = graphql.startsWith(AT_ROOT);
  return { name: atRoot ? graphql.slice(AT_ROOT.length) : graphql, atRoot, id: id ?? null };
}

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
