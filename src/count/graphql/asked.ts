/** The operations that the parts of one GraphQL request ask for: its query string, its body, or each of a batch. */

import { type GraphqlParameters, readFields, readJson, readQuery, together } from './parameters.ts';

/** Operations in a batch; servers allow ten to a hundred. */
const MAX_BATCH = 1_000;

/** Requests that cannot be read are null. */
export interface Asked {
  readonly isBatch: boolean;
  readonly requests: ReadonlyArray<GraphqlParameters | null>;
}

export const UNREAD: Asked = { isBatch: false, requests: [null] };

export function single(request: GraphqlParameters | null): Asked {
  return { isBatch: false, requests: [request] };
}

/**
 * @param mediaType of the body, in lower case, without parameters.
 * @param byQuery what the query string asks for.
 */
export function askedIn(body: string, mediaType: string, byQuery: GraphqlParameters): Asked {
  if (mediaType === 'application/graphql') return single(beside(byQuery, readFields({ query: body })));
  if (mediaType === 'application/x-www-form-urlencoded') {
    // To a server that reads JSON whatever its type is, a form that begins like it says something else.
    return /^\s*[{[]/.test(body) ? UNREAD : single(beside(byQuery, readQuery(body)));
  }
  // Without a media type, or as text/plain, some servers read JSON too.
  if (!/^$|^text\/plain$|[/+]json$/.test(mediaType)) return UNREAD;
  return askedInJson(body, byQuery);
}

/** The request, or the batch of requests, in a text of JSON. */
export function askedInJson(text: string, byQuery: GraphqlParameters): Asked {
  const read = readJson(text);
  if (!Array.isArray(read)) return single(beside(byQuery, readFields(read)));
  const namesDocument = byQuery.query !== null || byQuery.ids.length > 0 || byQuery.sha256 !== null;
  if (namesDocument || read.length === 0 || read.length > MAX_BATCH) return UNREAD;
  return { isBatch: true, requests: read.map(readFields) };
}

function beside(byQuery: GraphqlParameters, read: GraphqlParameters | null): GraphqlParameters | null {
  return read && together(byQuery, read);
}
