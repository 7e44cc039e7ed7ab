/** The fields of a GraphQL API that contain posts, and what is known of the documents that ask for them. */

import type { RouteProblems } from '../route/problem.ts';
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
