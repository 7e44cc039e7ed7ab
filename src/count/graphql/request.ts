/**
 * Reads what a GraphQL request asks for before the platform gets it: by query string, as JSON, a batch of it, a form,
 * a multipart form with files, or a document alone; compressed and in UTF-16 too. A request whose answer could not be
 * counted is refused, if the operator has not decided otherwise.
 */

import { formKindOf } from '../../forward/shape/form-head.ts';
import { KeptBody } from '../../forward/shape/kept-body.ts';
import type { Refusal, RequestReader, Verdict } from '../../forward/shape/request-reader.ts';
import { tooLarge } from '../../forward/shape/request-reader.ts';
import { type Asked, askedIn, single, UNREAD } from './asked.ts';
import { fullBudget } from './budget.ts';
import { Conversation, offersReadable } from './conversation.ts';
import type { Sha256Hex } from './documents.ts';
import { MultipartRequest } from './multipart-request.ts';
import { readQuery } from './parameters.ts';
import type { GraphqlPlan } from './plan.ts';
import { type DecodeWhole, requestText } from './request-text.ts';
import { asksNothing, planResult, type ResultPlan } from './result-plan.ts';

/** Where the posts are in a response: in one result, in each of a batch, or in the messages of a WebSocket. */
export type ResponsePlan = ResultPlan | { readonly batch: readonly ResultPlan[] } | Conversation;

/** A request that was read. */
export interface AskedFor {
  planFor(plan: GraphqlPlan): ResponsePlan;
  /** What is asked in the messages of a WebSocket; null if they are not read. */
  conversationFor(plan: GraphqlPlan): Conversation | null;
}

export interface GraphqlReading {
  /** Of the routes that may hold for the request. */
  readonly plans: readonly GraphqlPlan[];
  /** Whether a request whose answer could not be counted is refused; else it passes at once. */
  readonly refusesUnreadable: boolean;
  readonly decode: DecodeWhole;
  /** Another route counts the messages of a connection that is upgraded. */
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
  /** The client asks to switch to a WebSocket whose messages are read here. */
  readonly mayConverse: boolean;
  readonly #accept: string;
  /** The request is part of GraphQL over SSE in the mode of a single connection. */
  readonly #isOfStream: boolean;
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
    this.#accept = valuesOf(headers, 'accept').join();
    this.#isOfStream = valuesOf(headers, 'x-graphql-event-stream-token').length > 0;
    const upgrade = valuesOf(headers, 'upgrade').join();
    this.mayConverse = upgrade.includes('websocket') && !reading.countsMessages;
    const isReadable =
      upgrade === 'websocket' && offersReadable(valuesOf(headers, 'sec-websocket-protocol').join());
    if (this.mayConverse && !isReadable && reading.refusesUnreadable) this.verdict = NO_WEB_SOCKET;
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

  conversationFor(plan: GraphqlPlan): Conversation | null {
    if (!this.mayConverse) return null;
    const { refusesUnreadable: refuses, nowMs } = this.#reading;
    return new Conversation(plan, { sha256Hex: this.#sha256Hex, maxBytes: this.#maxBytes, refuses, nowMs });
  }

  #plan({ isBatch, requests }: Asked, route: GraphqlPlan): ResponsePlan {
    const plans = requests.map((one): ResultPlan => {
      const { plan, isUnknown } = planResult(one, route, this.#sha256Hex, this.#budget, !isBatch);
      this.#hasUnknown ||= isUnknown;
      return plan;
    });
    return isBatch ? { batch: plans } : (plans[0] ?? 'unknown');
  }

  #judge(): void {
    const asked = this.#asked();
    if (asked.requests.includes(null)) {
      this.verdict = UNREADABLE;
      return;
    }
    if (this.#isInOtherFrames(asked)) {
      this.verdict = OTHER_FRAMES;
      return;
    }
    this.verdict = 'pass';
    // Without its document a persisted query is answered as usual, and its answer is uncounted.
    for (const plan of this.#reading.plans) this.#planned.set(plan, this.#plan(asked, plan));
    if (this.#hasUnknown) this.verdict = UNKNOWN;
  }

  /** Whether the answer, or that to another request, would come in frames that do not say what they answer. */
  #isInOtherFrames({ isBatch, requests }: Asked): boolean {
    if (this.#isOfStream) return true;
    if (isBatch) return FRAMED.test(this.#accept);
    return this.#accept.includes('event-stream') && requests.some((one) => one !== null && asksNothing(one));
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
    'This gateway reads GraphQL over WebSocket by the subprotocols graphql-transport-ws and graphql-ws only.',
};
const OTHER_FRAMES: Refusal = {
  status: 400,
  code: 'request_not_readable',
  detail:
    'This gateway does not read GraphQL over SSE with a single connection, nor a batch that is answered in frames. Send each operation for an answer of its own.',
};
/** Media types of answers in frames, and ranges of them. */
const FRAMED = /event-stream|multipart|jsonl|ndjson|json-seq|text\/\*/;
const UNKNOWN: Refusal = {
  status: 400,
  code: 'request_not_readable',
  detail:
    'This gateway cannot tell what the GraphQL document asks for. Send a shorter one or fewer of them, with an alias for each field that depends on a type or is under @defer or @stream, and @stream not beside @defer.',
};

/** The values of a field in lower case, each once. */
function valuesOf(headers: readonly string[], name: string): string[] {
  const values = headers.filter((_, at) => at % 2 === 1 && headers[at - 1]!.toLowerCase() === name);
  return [...new Set(values.map((value) => value.trim().toLowerCase()))];
}
