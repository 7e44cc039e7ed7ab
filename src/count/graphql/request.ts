/**
 * Reads what a GraphQL request asks for, while its body passes to the upstream: by query string, as JSON, a batch of
 * it, a form, or a document alone. Requests in multipart (with files) and compressed ones are not read.
 */

import { KeptBody } from '../../forward/shape/kept-body.ts';
import type { RequestReader, Verdict } from '../../forward/shape/request-reader.ts';
import type { JsonPlan } from '../json/plan.ts';
import type { Sha256Hex } from './documents.ts';
import type { OperationPlan } from './operations.ts';
import { type GraphqlParameters, readFields, readJson, readQuery, together } from './parameters.ts';
import type { GraphqlPlan } from './plan.ts';

/** `doubtful`: the request names a persisted query besides, which the upstream may answer instead. */
export type ResultPlan = OperationPlan | { readonly doubtful: JsonPlan };

/** Where the posts are in a response: in one result, or in each of a batch. */
export type ResponsePlan = ResultPlan | { readonly batch: readonly ResultPlan[] };

/** A request that was read. */
export interface AskedFor {
  planFor(plan: GraphqlPlan): ResponsePlan;
}

/** Operations in a batch; servers allow ten to a hundred. */
const MAX_BATCH = 1_000;

export class GraphqlRequest implements AskedFor, RequestReader {
  readonly verdict: Verdict = 'pass';
  readonly #query: string;
  readonly #mediaType: string;
  readonly #sha256Hex: Sha256Hex;
  readonly #body: KeptBody;
  /** Whether what the head says of the body leaves but one way to read it. */
  readonly #isPlain: boolean;

  /**
   * @param target path and query, as they were sent.
   * @param headers flat list, as they were received.
   * @param maxBytes of a body that is read.
   */
  constructor(
    method: string,
    target: string,
    headers: readonly string[],
    sha256Hex: Sha256Hex,
    maxBytes: number,
  ) {
    this.#body = new KeptBody(maxBytes);
    this.#query = target.includes('?') ? target.slice(target.indexOf('?') + 1) : '';
    const types = valuesOf(headers, 'content-type');
    this.#mediaType = (types[0] ?? '').split(';')[0]!.trim();
    const isEncoded = valuesOf(headers, 'content-encoding').some((coding) => !/^(?:identity)?$/.test(coding));
    // Some servers read the body of a GET, some do not; of two media types they read the first or the last.
    this.#isPlain = method !== 'GET' && types.length < 2 && isCharsetRead(types[0] ?? '') && !isEncoded;
    this.#sha256Hex = sha256Hex;
  }

  /** A chunk of the request's body, which is not kept beyond its bound. */
  write(chunk: Uint8Array): void {
    this.#body.write(chunk);
  }

  /** The request's body is whole. */
  end(): void {
    this.#body.end();
  }

  planFor({ documents, operations }: GraphqlPlan): ResponsePlan {
    const { isBatch, requests } = this.#asked();
    const plans = requests.map((one): ResultPlan => {
      const document = one && documents.find(one, this.#sha256Hex);
      if (one === null || document === null) return 'unknown';
      const plan = operations.planOf(document, one.operationName, one.variables);
      if (documents.knowsAll(one.ids) || one.query === null || plan === 'unknown') return plan;
      return plan === 'none' ? 'unknown' : { doubtful: plan };
    });
    return isBatch ? { batch: plans } : (plans[0] ?? 'unknown');
  }

  #asked(): Asked {
    const byQuery = readQuery(this.#query);
    if (byQuery === null || this.#body.isEmpty) return single(byQuery);
    const text = this.#isPlain ? this.#body.text() : null;
    if (text === null) return UNREAD;
    return text.trim() === '' ? single(byQuery) : askedIn(text, this.#mediaType, byQuery);
  }
}

/** Requests that cannot be read are null. */
interface Asked {
  readonly isBatch: boolean;
  readonly requests: ReadonlyArray<GraphqlParameters | null>;
}

const UNREAD: Asked = { isBatch: false, requests: [null] };

function single(request: GraphqlParameters | null): Asked {
  return { isBatch: false, requests: [request] };
}

function askedIn(body: string, mediaType: string, byQuery: GraphqlParameters): Asked {
  const beside = (read: GraphqlParameters | null) => single(read && together(byQuery, read));
  if (mediaType === 'application/graphql') return beside(readFields({ query: body }));
  if (mediaType === 'application/x-www-form-urlencoded') {
    // To a server that reads JSON whatever its type is, a form that begins like it says something else.
    return /^\s*[{[]/.test(body) ? UNREAD : beside(readQuery(body));
  }
  // Without a media type, or as text/plain, some servers read JSON too.
  if (!/^$|^text\/plain$|[/+]json$/.test(mediaType)) return UNREAD;
  const read = readJson(body);
  if (!Array.isArray(read)) return beside(readFields(read));
  const namesDocument = byQuery.query !== null || byQuery.ids.length > 0 || byQuery.sha256 !== null;
  if (namesDocument || read.length === 0 || read.length > MAX_BATCH) return UNREAD;
  return { isBatch: true, requests: read.map(readFields) };
}

/** The values of a field in lower case, each once. */
function valuesOf(headers: readonly string[], name: string): string[] {
  const values = headers.filter((_, at) => at % 2 === 1 && headers[at - 1]!.toLowerCase() === name);
  return [...new Set(values.map((value) => value.trim().toLowerCase()))];
}

/** Where markup is the same as in UTF-8. In UTF-7 or UTF-16 a comment may hide what the upstream executes. */
function isCharsetRead(contentType: string): boolean {
  const [, charset] = /;\s*charset\s*=\s*"?([^\s;"]*)/.exec(contentType) ?? [];
  return charset === undefined || /^(?:utf-?8|us-ascii|iso-8859-1)$/.test(charset);
}
