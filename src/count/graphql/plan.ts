/** The fields of a GraphQL API that contain posts, and what is known of the documents that ask for them. */

import type { PlanResult, RouteProblem } from '../route/problem.ts';
import type { GraphqlEntry } from '../route/schema.ts';
import { Documents } from './documents.ts';
import type { PostField } from './locate-posts.ts';
import { Operations, parseDocument } from './operations.ts';

export interface GraphqlPlan {
  readonly documents: Documents;
  readonly operations: Operations;
}

const AT_ROOT = 'Query.';

/** @param documents persisted queries by id. */
export function compileGraphql(
  entries: readonly GraphqlEntry[],
  documents: Readonly<Record<string, string>>,
): Extract<PlanResult<GraphqlPlan>, { ok: true }> {
  const operations = new Operations(entries.map(postField));
  return { ok: true, plan: { documents: new Documents(documents), operations } };
}

/** Errors in persisted queries; `at` begins with the route's field. */
export function documentProblems(documents: Readonly<Record<string, string>>): RouteProblem[] {
  return Object.entries(documents).flatMap(([id, text]) =>
    parseDocument(text) === null
      ? [
          {
            at: ['documents', id],
            message: 'is not a valid GraphQL document; fix or remove it',
          },
        ]
      : [],
  );
}

function postField({ graphql, id }: GraphqlEntry): PostField {
  const atRoot = graphql.startsWith(AT_ROOT);
  return { name: atRoot ? graphql.slice(AT_ROOT.length) : graphql, atRoot, id: id ?? null };
}
