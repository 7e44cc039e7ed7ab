/**
 * Reads what a GraphQL request asks for before the platform gets it: by query string, as JSON, a batch of it, a form,
 * a multipart form with files, or a document alone; compressed and in UTF-16 too. A request whose answer could not be
 * counted is refused, if the operator has not decided otherwise.
 */

import { formKindOf } from '../../forward/shape/form-head.ts';
import { KeptBody } from '../../forward/shape/kept-body.ts';
import type { Refusal, RequestReader, Verdict } from '../../forward/shape/request-reader.ts';
import { tooLarge } from '../../forward/shape/request-reader.ts';
import type { JsonPlan } from '../json/plan.ts';
import { type Asked, askedIn, single, UNREAD } from './asked.ts';
import { fullBudget } from './budget.ts';
import type { Sha256Hex } from './documents.ts';
import { MultipartRequest } from './multipart-request.ts';
import type { OperationPlan } from './operations.ts';
import { readQuery } from './parameters.ts';
import type { GraphqlPlan } from './plan.ts';
import { type DecodeWhole, requestText } from './request-text.ts';

/** `doubtful`: the request names a persisted query besides, which the upstream may answer instead. */
export type ResultPlan = OperationPlan | { readonly doubtful: JsonPlan };

/** Where the posts are in a response: in one result, or in each of a batch. */
export type ResponsePlan = ResultPlan | { readonly batch: readonly ResultPlan[] };

/** A request that was read. */
export interface AskedFor {
  planFor(plan: GraphqlPlan): ResponsePlan;
}

export interface GraphqlReading {
  /** Of the routes that may hold for the request. */
  readonly plans: readonly GraphqlPlan[];
  /** Whether a request whose answer could not be counted is refused; else it passes at once. */
  readonly refusesUnreadable: boolean;
  readonly decode: DecodeWhole;
  /** A route counts the messages of a connection that is upgraded. */
  readonly countsMessages: boolean;
}

const READING: GraphqlReading = {
  plans: [],
  refusesUnreadable: false,
  decode: () => null,
  countsMessages: false,
};

export class GraphqlRequest implements AskedFor, RequestReader {
  verdict: Verdict;
  readonly #query: string;
  readonly #contentType: string;
  readonly #contentEncoding: string;
  readonly #sha256Hex: Sha256Hex;
  readonly #reading: GraphqlReading;
  readonly #maxBytes: number;
  readonly #body: KeptBody;
  /** Reads a multipart form, whose files may be longer than the bound. */
  readonly #multipart: MultipartRequest | null;
  /** Whether the head leaves only one way to read the body. */
  readonly #isPlain: boolean;
  readonly #budget = fullBudget();
  readonly #planned = new Map<GraphqlPlan, ResponsePlan>();
  #bytes = 0;
  /** A document is known, and what it asks for is not. */
  #hasUnknown = false;

  /**
   * @param target path and query, as they were sent.
   * @param headers flat list, as they were received.
   * @param maxBytes of a body that is read, coded and decoded.
   */
  constructor(
    method: string,
    target: string,
    headers: readonly string[],
    sha256Hex: Sha256Hex,
    maxBytes: number,
    reading = READING,
  ) {
    this.verdict = reading.refusesUnreadable ? 'hold' : 'pass';
    this.#reading = reading;
    this.#maxBytes = maxBytes;
    this.#body = new KeptBody(maxBytes);
    this.#query = target.includes('?') ? target.slice(target.indexOf('?') + 1) : '';
    const types = valuesOf(headers, 'content-type');
    this.#contentType = types[0] ?? '';
    this.#contentEncoding = valuesOf(headers, 'content-encoding').join();
    // Some servers read the body of a GET, some do not; of two media types they read the first or the last.
    this.#isPlain = method !== 'GET' && types.length < 2;
    const form = formKindOf(method, headers);
    this.#multipart = form.kind === 'multipart' ? new MultipartRequest(form.boundary, maxBytes) : null;
    this.#sha256Hex = sha256Hex;
    const isWebSocket = valuesOf(headers, 'upgrade').includes('websocket');
    if (isWebSocket && reading.refusesUnreadable && !reading.countsMessages) this.verdict = NO_WEB_SOCKET;
  }

  /** A chunk of the request's body, which is not kept beyond its bound. */
  write(chunk: Uint8Array): void {
    if (typeof this.verdict === 'object') return;
    this.#bytes += chunk.length;
    if (this.#multipart !== null) this.#multipart.write(chunk);
    else this.#body.write(chunk);
    if (!this.#reading.refusesUnreadable || this.#bytes <= this.#maxBytes) return;
    // A form is that long because of its files, which come behind what they are for.
    if (this.#multipart === null || !this.#multipart.isRead) {
      this.verdict = tooLarge({ maxBytes: this.#maxBytes, maxMs: 0 });
    } else if (this.verdict === 'hold') this.#judge();
  }

  /** The request's body is whole. */
  end(): void {
    this.#body.end();
    this.#multipart?.end();
    if (!this.#reading.refusesUnreadable || typeof this.verdict === 'object') return;
    this.#judge();
  }

  /** The plan of the answer, for a route. */
  planFor(plan: GraphqlPlan): ResponsePlan {
    const known = this.#planned.get(plan);
    if (known !== undefined) return known;
    const planned = this.#plan(this.#asked(), plan);
    this.#planned.set(plan, planned);
    return planned;
  }

  #plan({ isBatch, requests }: Asked, { documents, operations }: GraphqlPlan): ResponsePlan {
    const plans = requests.map((one): ResultPlan => {
      const document = one && documents.find(one, this.#sha256Hex);
      if (one === null || document === null) return 'unknown';
      const plan = operations.planOf(document, one.operationName, one.variables, this.#budget);
      if (plan === 'unknown') this.#hasUnknown = true;
      if (documents.knowsAll(one.ids) || one.query === null || plan === 'unknown') return plan;
      return plan === 'none' ? 'unknown' : { doubtful: plan };
    });
    return isBatch ? { batch: plans } : (plans[0] ?? 'unknown');
  }

  #judge(): void {
    const asked = this.#asked();
    if (asked.requests.includes(null)) {
      this.verdict = UNREADABLE;
      return;
    }
    this.verdict = 'pass';
    // Without its document a persisted query is answered as usual, and its answer is uncounted.
    for (const plan of this.#reading.plans) this.#planned.set(plan, this.#plan(asked, plan));
    if (this.#hasUnknown) this.verdict = UNKNOWN;
  }

  #asked(): Asked {
    const byQuery = readQuery(this.#query);
    if (this.#multipart !== null) return byQuery === null ? UNREAD : this.#multipart.asked(byQuery);
    if (byQuery === null || this.#body.isEmpty) return single(byQuery);
    const bytes = this.#isPlain ? this.#body.bytes() : null;
    const text =
      bytes &&
      requestText(bytes, this.#contentEncoding, this.#contentType, this.#maxBytes, this.#reading.decode);
    if (text === null) return UNREAD;
    const mediaType = this.#contentType.split(';')[0]!.trim();
    return text.trim() === '' ? single(byQuery) : askedIn(text, mediaType, byQuery);
  }
}

const UNREADABLE: Refusal = {
  status: 400,
  code: 'request_not_readable',
  detail:
    'This gateway cannot read the GraphQL request in one way only. Send each name once, as JSON in UTF-8 or UTF-16, plain or in gzip, deflate or br.',
};
const NO_WEB_SOCKET: Refusal = {
  status: 400,
  code: 'request_not_readable',
  detail:
    'This gateway does not read GraphQL over WebSocket; send the operation by POST, subscriptions for SSE.',
};
const UNKNOWN: Refusal = {
  status: 400,
  code: 'request_not_readable',
  detail:
    'This gateway cannot tell what the GraphQL document asks for. Send a shorter one or fewer of them, without @defer and @stream, with an alias for each field that depends on a type.',
};

/** The values of a field in lower case, each once. */
function valuesOf(headers: readonly string[], name: string): string[] {
  const values = headers.filter((_, at) => at % 2 === 1 && headers[at - 1]!.toLowerCase() === name);
  return [...new Set(values.map((value) => value.trim().toLowerCase()))];
}
