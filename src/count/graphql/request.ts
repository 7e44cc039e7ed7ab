/**
 * Reads the operations of a GraphQL request before the platform gets it: from a query string, JSON, a JSON batch, a
 * form, a multipart form with files, or a bare document, also compressed and in UTF-16. A request whose response
 * could not be counted is refused unless the operator allows it.
 */

import { BodyBuffer } from '../request-body/body-buffer.ts';
import { formKindOf } from '../request-body/form-head.ts';
import { MultipartForm } from '../request-body/multipart-form.ts';
import { notReadable, type RequestReader, tooLarge, type Verdict } from '../request-body/request-reader.ts';
import { fullBudget } from './budget.ts';
import { Conversation, offersReadable } from './conversation.ts';
import type { Sha256Hex } from './documents.ts';
import { hasOperations, operationsInForm } from './multipart-request.ts';
import { readQuery } from './parameters.ts';
import { asksNothing, type GraphqlPlan, planResult, type ResultPlan } from './plan.ts';
import { type DecodeWhole, requestText } from './request-text.ts';
import { operationsIn, type RequestedOperations, single, UNREAD } from './requested-operations.ts';

/** The location of the posts in a response: in one result, in each of a batch, or in the messages of a WebSocket. */
export type ResponsePlan = ResultPlan | { readonly batch: readonly ResultPlan[] } | Conversation;

/** A request whose operations were read. */
export interface RequestPlans {
  planFor(plan: GraphqlPlan): ResponsePlan;
  /** The operations of a WebSocket; null if its messages are not read. */
  conversationFor(plan: GraphqlPlan): Conversation | null;
}

export interface GraphqlReading {
  /** The plans of the routes that may match the request. */
  readonly plans: readonly GraphqlPlan[];
  /** Whether a request whose response could not be counted is refused; else it passes immediately. */
  readonly refusesUnreadable: boolean;
  readonly decode: DecodeWhole;
  /** True if another route counts the messages of an upgraded connection. */
  readonly countsMessages: boolean;
  readonly nowMs: () => number;
}

const READING: GraphqlReading = {
  plans: [],
  refusesUnreadable: false,
  decode: () => null,
  countsMessages: false,
  nowMs: () => 0,
};

export class GraphqlRequest implements RequestPlans, RequestReader {
  verdict: Verdict;
  readonly #query: string;
  readonly #contentType: string;
  readonly #contentEncoding: string;
  readonly #sha256Hex: Sha256Hex;
  readonly #reading: GraphqlReading;
  readonly #maxBytes: number;
  readonly #body: BodyBuffer;
  /** Reads a multipart form, whose files may exceed the bound. */
  readonly #multipart: MultipartForm | null;
  /** True if the head allows only one interpretation of the body. */
  readonly #isPlain: boolean;
  readonly #budget = fullBudget();
  readonly #planned = new Map<GraphqlPlan, ResponsePlan>();
  /** True if the client asks to switch to a WebSocket whose messages are read here. */
  readonly mayConverse: boolean;
  readonly #accept: string;
  /** True if the request belongs to GraphQL over SSE with a single connection. */
  readonly #isOfStream: boolean;
  #bytes = 0;
  /** True if a document is known but its posts cannot be located. */
  #hasUnknown = false;

  /**
   * @param target path and query, as they were sent.
   * @param headers flat list as received.
   * @param maxBytes bound of a body, both encoded and decoded.
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
    this.#body = new BodyBuffer(maxBytes);
    this.#query = target.includes('?') ? target.slice(target.indexOf('?') + 1) : '';
    const types = valuesOf(headers, 'content-type');
    this.#contentType = types[0] ?? '';
    this.#contentEncoding = valuesOf(headers, 'content-encoding').join();
    // Only some servers read the body of a GET. Of two media types some use the first, others the last.
    this.#isPlain = method !== 'GET' && types.length < 2;
    const form = formKindOf(method, headers);
    this.#multipart = form.kind === 'multipart' ? new MultipartForm(form.boundary, maxBytes) : null;
    this.#sha256Hex = sha256Hex;
    this.#accept = valuesOf(headers, 'accept').join();
    this.#isOfStream = valuesOf(headers, 'x-graphql-event-stream-token').length > 0;
    const upgrade = valuesOf(headers, 'upgrade').join();
    this.mayConverse = upgrade.includes('websocket') && !reading.countsMessages;
    const isReadable =
      upgrade === 'websocket' && offersReadable(valuesOf(headers, 'sec-websocket-protocol').join());
    if (this.mayConverse && !isReadable && reading.refusesUnreadable) this.verdict = NO_WEB_SOCKET;
  }

  /** Takes a chunk of the request's body; at most `maxBytes` are kept. */
  write(chunk: Uint8Array): void {
    if (typeof this.verdict === 'object') return;
    this.#bytes += chunk.length;
    if (this.#multipart !== null) this.#multipart.write(chunk);
    else this.#body.write(chunk);
    if (!this.#reading.refusesUnreadable || this.#bytes <= this.#maxBytes) return;
    // A form exceeds the bound because of its files, which follow the operations.
    if (this.#multipart === null || !hasOperations(this.#multipart)) {
      this.verdict = tooLarge(this.#maxBytes);
    } else if (this.verdict === 'hold') this.#judge();
  }

  /** Called once the request's body is complete. */
  end(): void {
    this.#body.end();
    if (!this.#reading.refusesUnreadable || typeof this.verdict === 'object') return;
    this.#judge();
  }

  /** The plan of the response for a route. */
  planFor(plan: GraphqlPlan): ResponsePlan {
    const known = this.#planned.get(plan);
    if (known !== undefined) return known;
    const planned = this.#plan(this.#asked(), plan);
    this.#planned.set(plan, planned);
    return planned;
  }

  conversationFor(plan: GraphqlPlan): Conversation | null {
    if (!this.mayConverse) return null;
    const { refusesUnreadable: refuses, nowMs } = this.#reading;
    return new Conversation(plan, { sha256Hex: this.#sha256Hex, maxBytes: this.#maxBytes, refuses, nowMs });
  }

  #plan({ isBatch, requests }: RequestedOperations, route: GraphqlPlan): ResponsePlan {
    const plans = requests.map((one): ResultPlan => {
      const { plan, isUnknown } = planResult(one, route, this.#sha256Hex, this.#budget, !isBatch);
      this.#hasUnknown ||= isUnknown;
      return plan;
    });
    return isBatch ? { batch: plans } : (plans[0] ?? 'unknown');
  }

  #judge(): void {
    const asked = this.#asked();
    if (asked.requests.includes(null)) this.verdict = UNREADABLE;
    else if (this.#isInOtherFrames(asked)) this.verdict = OTHER_FRAMES;
    else {
      // A persisted query without its document passes, and its response is uncounted.
      for (const plan of this.#reading.plans) this.#planned.set(plan, this.#plan(asked, plan));
      this.verdict = this.#hasUnknown ? UNKNOWN : 'pass';
    }
  }

  /** Whether this or another response would come in frames that do not name their operation. */
  #isInOtherFrames({ isBatch, requests }: RequestedOperations): boolean {
    if (this.#isOfStream) return true;
    if (isBatch) return FRAMED.test(this.#accept);
    return this.#accept.includes('event-stream') && requests.some((one) => one !== null && asksNothing(one));
  }

  #asked(): RequestedOperations {
    const byQuery = readQuery(this.#query);
    if (this.#multipart !== null && byQuery !== null)
      return operationsInForm(this.#multipart, this.#body.isWhole, byQuery);
    if (byQuery === null || this.#body.isEmpty) return single(byQuery);
    const bytes = this.#isPlain ? this.#body.bytes() : null;
    const text =
      bytes &&
      requestText(bytes, this.#contentEncoding, this.#contentType, this.#maxBytes, this.#reading.decode);
    if (text === null) return UNREAD;
    const mediaType = this.#contentType.split(';')[0]!.trim();
    return text.trim() === '' ? single(byQuery) : operationsIn(text, mediaType, byQuery);
  }
}

const UNREADABLE = notReadable(
  400,
  'This gateway cannot read the GraphQL request unambiguously. Send each name once, as JSON in UTF-8 or UTF-16, plain or compressed with gzip, deflate or br.',
);
const NO_WEB_SOCKET = notReadable(
  400,
  'This gateway supports GraphQL over WebSocket only with the subprotocols graphql-transport-ws and graphql-ws.',
);
const OTHER_FRAMES = notReadable(
  400,
  'This gateway does not support GraphQL over SSE with a single connection, or a batch whose response comes in frames. Send each operation as a separate request.',
);
/** Media types of responses in frames, and media ranges that include them. */
const FRAMED = /event-stream|multipart|jsonl|ndjson|json-seq|text\/\*/;
const UNKNOWN = notReadable(
  400,
  'This gateway cannot analyse the GraphQL document. Send fewer or shorter documents. Give an alias to each field that depends on a type or is under @defer or @stream, and do not combine @stream with @defer.',
);

/** The distinct values of a field, in lower case. */
function valuesOf(headers: readonly string[], name: string): string[] {
  const values = headers.filter((_, at) => at % 2 === 1 && headers[at - 1]!.toLowerCase() === name);
  return [...new Set(values.map((value) => value.trim().toLowerCase()))];
}
