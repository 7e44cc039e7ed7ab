/** One admitted request, from forwarding to metering: the response head, the usage of a running stream, the end. */

import { admit } from '../admit/admit.ts';
import { failureProblem, type Problem, requestRefusalProblem } from '../admit/problem.ts';
import { rateLimitHeaders } from '../admit/rate-limit-headers.ts';
import { type Decision, decide } from '../count/count-decision.ts';
import type { Counter, CountResult } from '../count/counter.ts';
import { type CountObserver, createCounter } from '../count/create-counter.ts';
import type { ReadableRule } from '../count/formats.ts';
import { Conversation } from '../count/graphql/conversation.ts';
import { GraphqlRequest } from '../count/graphql/request.ts';
import {
  type RequestReader,
  type RequestRefusal,
  severalReaders,
} from '../count/request-body/request-reader.ts';
import { type MessageKind, messageRuleFor, messagesOf, ruleFor } from '../count/route/match.ts';
import type { UpstreamFailure } from '../forward/failure.ts';
import { fieldValue, withoutHeaders } from '../forward/header-names.ts';
import { type ResponseFacts, responseHeaders } from '../forward/response-headers.ts';
import type { RouteSelection } from '../forward/shape/route-selection.ts';
import { forwardableTrailers } from '../forward/trailers.ts';
import type { IncomingFacts } from '../identify/incoming-facts.ts';
import type { ReleaseCallback } from '../meter/meter.ts';
import type { Total } from '../meter/port.ts';
import { bucketOf, type Usage } from '../meter/usage.ts';
import { NO_ROUTE } from '../report/routes/port.ts';
import { statesInHead } from '../rights/declared/response-states.ts';
import { NOT_KNOWN } from '../rights/enforcement.ts';
import type { Tariff } from '../tariff/tariff.ts';
import type { TermsHeaders } from '../terms/headers.ts';
import { type PlatformDocument, type Replacement, unconditional } from '../terms/replacement.ts';
import type { SiteDocument } from '../terms/site-document.ts';
import type { GatewayDeps } from './deps.ts';
import { type ExchangeClient, ExchangeReport } from './exchange-report.ts';
import { HtmlInspection, isPage, isPagePart } from './html-inspection.ts';
import { policyFor, recordRefusal } from './refusal.ts';
import type { ResourceRights } from './resource-rights.ts';

/** What the runtime sends to the client, and how it is counted. */
export interface CountedResponse {
  /** Flat list of names and values. */
  readonly headers: string[];
  /** Null if the body holds no posts and need not be read. */
  readonly counter: Counter | null;
  /** In bytes; undefined if the upstream did not declare it. */
  readonly contentLength: number | undefined;
  /** True if the headers include a Trailer field, which only a chunked response may carry. */
  readonly hasTrailer: boolean;
  /** True if the counter counts a stream, whose posts are metered while it runs (`MeteredExchange.meterPartial`). */
  readonly isStream: boolean;
  /** The messages of an upgraded connection that the counter takes one by one; null if it takes a body. */
  readonly messages: MessageKind | null;
  /** Reads each message of the client before the upstream gets it; null if messages do not affect the count. */
  readonly conversation: Conversation | null;
  /** Reads the page on which the decision to withhold the response depends; null if it depends on no page. */
  readonly inspection: HtmlInspection | null;
}

type MeteredUsage = Pick<Usage, 'posts' | 'ids' | 'requests' | 'bytes' | 'uncounted'>;

const NO_POSTS: CountResult = { posts: 0 };

/** The terms of one exchange. */
export interface ExchangeTerms {
  /** State the policy in force; null without one, and for askers that do not receive them. */
  readonly headers: TermsHeaders | null;
  readonly replacement: Replacement | null;
}

const NO_TERMS: ExchangeTerms = { headers: null, replacement: null };

export class MeteredExchange extends ExchangeReport {
  readonly method: string;
  /** Flat list of names and values. */
  readonly upstreamHeaders: string[];
  /** Reads the request's body before or while the upstream gets it; null if no rule depends on the body. */
  readonly requestReader: RequestReader | null;
  readonly #tariff: Tariff;
  readonly #selection: RouteSelection;
  readonly #graphql: GraphqlRequest | null;
  readonly #termsHeaders: TermsHeaders | null;
  /** Makes the response from the platform's if its status says so; null if the platform's is forwarded. */
  readonly replacement: Replacement | null;
  readonly #rights: ResourceRights;
  #inspection: HtmlInspection | null = null;
  /** Body bytes of a stream that have been metered so far. */
  #meteredBytes = 0;

  constructor(
    deps: GatewayDeps,
    client: ExchangeClient & { readonly tariff: Tariff; readonly rights: ResourceRights },
    request: Pick<IncomingFacts, 'method' | 'headers'> & { readonly path: string },
    selection: RouteSelection,
    upstreamHeaders: string[],
    { headers: termsHeaders, replacement }: ExchangeTerms = NO_TERMS,
  ) {
    const { path, headers } = request;
    // A document is made from the whole response, also for HEAD.
    const method = replacement === null ? request.method : 'GET';
    super(deps, client, path, headers);
    this.#tariff = client.tariff;
    this.method = method;
    this.#selection = selection;
    this.#rights = client.rights;
    this.#graphql = selection.possible.some(({ format }) => format === 'graphql')
      ? new GraphqlRequest(method, path, headers, deps.sha256Hex, deps.requestLimits.maxBytes, {
          ...deps.graphql,
          plans: selection.possible.flatMap((rule) => (rule.format === 'graphql' ? [rule.plan] : [])),
          countsMessages: messageRuleFor(selection.possible) !== undefined,
          nowMs: deps.nowMs,
        })
      : null;
    this.#termsHeaders = termsHeaders;
    this.replacement = replacement;
    const forwarded = replacement === null ? upstreamHeaders : unconditional(upstreamHeaders);
    // Messages must not be compressed, because each one is read.
    this.upstreamHeaders = this.#graphql?.mayConverse
      ? withoutHeaders(forwarded, ['sec-websocket-extensions'])
      : forwarded;
    const { reader } = selection;
    this.requestReader =
      reader !== null && this.#graphql !== null
        ? severalReaders([reader, this.#graphql])
        : (reader ?? this.#graphql);
  }

  /** The reason to refuse the request, found by `requestReader` in its body; null if there is none. */
  get refusal(): RequestRefusal | null {
    const verdict = this.requestReader?.verdict;
    return typeof verdict === 'object' ? verdict : null;
  }

  /**
   * Longest time for which an adapter holds the request's body while the verdict of `requestReader` is `hold`, in ms.
   */
  get maxHoldMs(): number {
    return this.deps.requestLimits.maxMs;
  }

  /**
   * Takes the upstream's final response head; returns the headers for the client and the counter of the body. Call
   * `withhold` before anything is sent, after the decision of a held `inspection`.
   */
  onResponseHead(status: number, headers: readonly string[], onCounterDrain: () => void): CountedResponse {
    const { decoders, countLimits, countHeader, forward } = this.deps;
    const facts = responseHeaders(headers, countHeader, forward.via, status);
    this.reportHead(status, facts.contentType);
    const inspection = this.#inspect(status, headers, facts);
    const { match } = this.#selection;
    const decision = decide(this.method, status, facts, match, this.#graphql);
    // If the body is scanned, `#observe` reports its route.
    if (decision.kind !== 'scan') {
      const rule = status === 101 ? messageRuleFor(match) : ruleFor(match, facts.contentType);
      const isCounted = decision.kind === 'declared' || decision.kind === 'uncounted';
      this.reportRoute(rule?.name ?? NO_ROUTE, isCounted);
    }
    const counter =
      decision.kind === 'none'
        ? null
        : createCounter(decision, decoders, countLimits, onCounterDrain, (chosen) => this.#observe(chosen));
    this.#addRateLimit(facts);
    if (this.#statesTerms(status)) this.#termsHeaders?.addTo(facts.headers, this.path);
    const isStream = decision.kind === 'scan' && decision.rule.isStream;
    const conversation = conversationOf(decision);
    conversation?.begin(fieldValue(headers, 'sec-websocket-protocol'));
    const kind = decision.kind === 'scan' ? messagesOf(decision.rule) : null;
    const messages = conversation === null ? kind : 'text';
    const { contentLength, hasTrailer } = facts;
    return {
      headers: facts.headers,
      counter,
      contentLength,
      hasTrailer,
      isStream,
      messages,
      conversation,
      inspection,
    };
  }

  /** Reads what the platform declares about the rights in its response. */
  #inspect(status: number, headers: readonly string[], facts: ResponseFacts): HtmlInspection | null {
    const rights = this.#rights;
    if (!rights.isJudged) return null;
    rights.declare(statesInHead(headers));
    if (isPagePart(status, facts.contentType)) rights.declare(NOT_KNOWN);
    if (status === 206 || rights.refusal() !== null || !isPage(this.method, status, facts.contentType))
      return null;
    const declare = rights.declare.bind(rights);
    const { decoders } = this.deps;
    this.#inspection = new HtmlInspection(facts.contentEncoding, decoders, rights.isEnforced, declare);
    return this.#inspection;
  }

  /**
   * Returns the response to send instead of the upstream's, and meters the request as refused; null if the response is
   * not withheld. After a problem no other method is called.
   */
  withhold(): Problem | null {
    const problem = this.#rights.refusal();
    if (problem === null) return null;
    recordRefusal(this.deps, this.identity, problem.status);
    this.#rights.record(true, 0);
    this.reportProblem(problem.status);
    return problem;
  }

  /** Returns the document that is sent instead of the platform's response. `settle` meters it. */
  replace(replacement: Replacement, received: PlatformDocument): SiteDocument {
    const { countHeader, forward } = this.deps;
    const { headers } = responseHeaders(received.headers, countHeader, forward.via, received.status);
    const document = replacement.document({ ...received, headers });
    this.reportHead(document.status, document.headers['content-type']);
    this.reportRoute(NO_ROUTE, false);
    return document;
  }

  /** Selects the trailers that go to the client. @param received flat list. @returns names and values in pairs. */
  trailers(received: readonly string[]): [string, string][] {
    return forwardableTrailers(received, this.deps.countHeader);
  }

  /**
   * Meters the posts and bytes of a running stream since the last call.
   * @param bytes of the body that were delivered to the client since the stream began.
   * @returns false if the stream must be cut: the client is over its limit, the limit cannot be checked and the
   *   tariff fails closed, or usage cannot be written.
   */
  meterPartial(counter: Counter, bytes: number): boolean {
    if (!counter.hasNews) return true;
    const { nowMs, total, isUnmeterable } = this.deps;
    const found = counter.take();
    const newBytes = bytes - this.#meteredBytes;
    this.#meteredBytes = bytes;
    this.reportPartial(found, newBytes);
    this.#record({ ...this.reportUncounted(found), requests: 0, bytes: newBytes }, () => {});
    const { clientId } = this.identity;
    const atMs = nowMs();
    const known = total(clientId, atMs);
    // The total includes this record only after the current turn, and the next event may be hours away, so add it
    // here.
    const withThese = { ...known, posts: known.posts + found.posts };
    return this.#mayContinue(withThese, atMs) && !isUnmeterable(clientId);
  }

  /**
   * Journals the usage of a finished response, then calls `released` to send its last chunk (design, section 5,
   * "Written before delivered").
   * @param result null if there was nothing to count.
   * @param bytes of the body that were delivered to the client, or will be by `released`.
   * @param whole false if the client or the upstream aborted.
   */
  settle(result: CountResult | null, bytes: number, whole: boolean, released: ReleaseCallback): void {
    const found = result ?? NO_POSTS;
    const newBytes = bytes - this.#meteredBytes;
    this.reportEnd(found, newBytes, whole);
    this.#recordRights(this.deliveredPosts);
    this.#record({ ...this.reportUncounted(found), requests: 1, bytes: newBytes }, released);
  }

  /** Refuses the request because its body makes the response uncountable or did not arrive in time. */
  refuse(refusal: RequestRefusal): Problem {
    const problem = requestRefusalProblem(refusal);
    recordRefusal(this.deps, this.identity, problem.status);
    this.reportProblem(problem.status);
    this.#recordRights(0);
    return problem;
  }

  /** The upstream did not respond, or the request could not be forwarded (status below 500). */
  fail(failure: UpstreamFailure, released: (problem: Problem) => void): void {
    const { tally } = this.deps;
    if (failure.status >= 500) tally.upstreamError(failure.code);
    tally.requestEnded('failed', failure.status, 0, 0);
    this.reportProblem(failure.status);
    this.#recordRights(0);
    const problem = failureProblem(failure);
    this.#record({ posts: 0, requests: 1, bytes: 0, uncounted: 0 }, () => released(problem));
  }

  /** Whether a response states the terms: posts that were delivered, and what was refused. */
  #statesTerms(status: number): boolean {
    if (status === 403 || status === 451) return true;
    return this.#selection.mayHavePosts && status >= 200 && status < 300;
  }

  /** An undecided page is recorded once it has been read as far as it arrived. */
  #recordRights(posts: number): void {
    const inspection = this.#inspection;
    const record = () => this.#rights.record(false, posts);
    if (inspection === null || inspection.isDecided) {
      record();
      return;
    }
    inspection.onDecided = record;
    inspection.end();
  }

  /** Called once the rule that reads the body is known. */
  #observe(rule: ReadableRule): CountObserver {
    this.reportRoute(rule.name, true);
    return { copy: this.deps.crossCheck?.choose(rule, this.path) ?? null };
  }

  /** Checks the current policy and tariff; both may have changed since the stream began. */
  #mayContinue(total: Total, nowMs: number): boolean {
    const { directory, isTotalKnown } = this.deps;
    const { clientId } = this.identity;
    const policy = policyFor(directory(), this.identity, nowMs);
    if (policy?.action === 'refuse') return false;
    if (policy?.action === 'allow') return true;
    const tariff = directory().tariffOf(clientId, nowMs);
    return admit(tariff, total, isTotalKnown(clientId), nowMs).kind === 'admitted';
  }

  #record(usage: MeteredUsage, released: ReleaseCallback): void {
    const { record, nowMs, bucketSeconds } = this.deps;
    const { clientId, identifierId } = this.identity;
    const bucketMs = bucketOf(nowMs(), bucketSeconds);
    record({ clientId, identifierId, bucketMs, refused: 0, ...usage }, released);
  }

  /** Reports the limit before this response, because its own posts are not known yet. */
  #addRateLimit(facts: ResponseFacts): void {
    if (!this.deps.isTotalKnown(this.identity.clientId)) return;
    const nowMs = this.deps.nowMs();
    const total = this.deps.total(this.identity.clientId, nowMs);
    const limit = rateLimitHeaders(this.#tariff, total, nowMs);
    if (limit !== null) facts.headers.push('RateLimit-Policy', limit.policy, 'RateLimit', limit.limit);
  }
}

function conversationOf(decision: Decision): Conversation | null {
  if (decision.kind !== 'scan' || decision.rule.format !== 'graphql') return null;
  return decision.rule.plan instanceof Conversation ? decision.rule.plan : null;
}
