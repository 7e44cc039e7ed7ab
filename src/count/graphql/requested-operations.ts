/**
 * Reads the operations that a GraphQL request asks for: in its query string, its body, or each element of a batch.
 */

import { type GraphqlParameters, readFields, readJson, readQuery, together } from './parameters.ts';

/** Maximum operations in a batch; servers allow ten to a hundred. */
const MAX_BATCH = 1_000;

/** Requests that cannot be read are null. */
export interface RequestedOperations {
  readonly isBatch: boolean;
  readonly requests: ReadonlyArray<GraphqlParameters | null>;
}

export const UNREAD: RequestedOperations = { isBatch: false, requests: [null] };

export function single(request: GraphqlParameters | null): RequestedOperations {
  return { isBatch: false, requests: [request] };
}

/**
 * @param mediaType of the body, in lower case, without parameters.
 * @param byQuery the parameters in the query string.
 */
export function operationsIn(
  body: string,
  mediaType: string,
  byQuery: GraphqlParameters,
): RequestedOperations {
  if (mediaType === 'application/graphql') return beside(byQuery, readFields({ query: body }));
  if (mediaType === 'application/x-www-form-urlencoded') {
    // A server that parses JSON under any media type would read something else in a form that begins like JSON.
    return /^\s*[{[]/.test(body) ? UNREAD : beside(byQuery, readQuery(body));
  }
  // Some servers also parse JSON without a media type, or as text/plain.
  if (!/^$|^text\/plain$|[/+]json$/.test(mediaType)) return UNREAD;
  return operationsInJson(body, byQuery);
}

/** The request, or the batch of requests, in a JSON text. */
export function operationsInJson(text: string, byQuery: GraphqlParameters): RequestedOperations {
  const read = readJson(text);
  if (!Array.isArray(read)) return beside(byQuery, readFields(read));
  const namesDocument = byQuery.query !== null || byQuery.ids.length > 0 || byQuery.sha256 !== null;
  if (namesDocument || read.length === 0 || read.length > MAX_BATCH) return UNREAD;
  return { isBatch: true, requests: read.map(readFields) };
}

/** One operation by the parameters of the query string and those of the body. */
export function beside(byQuery: GraphqlParameters, read: GraphqlParameters | null): RequestedOperations {
  return single(read && together(byQuery, read));
}
