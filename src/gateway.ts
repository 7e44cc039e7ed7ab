/**
 * Takes one request through the stages: identify -> admit -> forward -> count -> meter. All decisions are made here
 * and in the stages; the adapters of a runtime only carry bytes. Nothing before forwarding waits for I/O.
 */

import { ADMITTED, type Admission, admit, canRefuse } from './admit/admit.ts';
import { type ClientPolicy, refusalByPolicy, refusalByRate } from './admit/policy.ts';
import type { PaceLimiter, RateLimiter } from './admit/port.ts';
import {
  badCredentialProblem,
  failureProblem,
  overloadedProblem,
  type Problem,
  refusalProblem,
  requestRefusalProblem,
  unfitTargetProblem,
  unmeterableProblem,
} from './admit/problem.ts';
import { type RateLimitHeaders, rateLimitHeaders } from './admit/rate-limit-headers.ts';
import { type Decision, decide } from './count/count-decision.ts';
import type { Counter, CountResult } from './count/counter.ts';
import { type CountLimits, type CountObserver, createCounter } from './count/create-counter.ts';
import type { CrossCheck } from './count/cross-check.ts';
import type { ReadableRule } from './count/formats.ts';
import { Conversation } from './count/graphql/conversation.ts';
import type { Sha256Hex } from './count/graphql/documents.ts';
import { type GraphqlReading, GraphqlRequest } from './count/graphql/request.ts';
import type { Decoders } from './count/port.ts';
import {
  type RequestLimits,
  type RequestReader,
  type RequestRefusal,
  SeveralReaders,
} from './count/request-body/request-reader.ts';
import { type MessageKind, messageRuleFor, messagesOf, ruleFor } from './count/route/match.ts';
import type { CompiledRoutes } from './count/route/rule.ts';
import type { UncountedReason } from './count/uncounted.ts';
import type { UpstreamFailure } from './forward/failure.ts';
import { fieldValue, withoutHeaders } from './forward/header-names.ts';
import { type RequestHeaderOptions, requestHeaders } from './forward/request-headers.ts';
import { type ResponseFacts, responseHeaders } from './forward/response-headers.ts';
import { RouteSelection } from './forward/shape/route-selection.ts';
import { pathOf, withoutParameters } from './forward/target.ts';
import { forwardableTrailers } from './forward/trailers.ts';
import type { Place } from './identify/credentials.ts';
import type { Directory } from './identify/directory.ts';
import type { Identify } from './identify/identify.ts';
import type { IdentifiedRequest, Identity } from './identify/identity.ts';
import type { Peer } from './identify/peer.ts';
import { isPrefix } from './meter/client-id.ts';
import type { ReleaseCallback } from './meter/meter.ts';
import type { Total } from './meter/port.ts';
import { bucketOf, type Usage } from './meter/usage.ts';
import { type AccessEntry, requestIdOf } from './report/access.ts';
import { NO_ROUTE } from './report/routes/port.ts';
import { outcomeOf, type RouteCounter } from './report/routes/route-counts.ts';
import type { Tally } from './report/tally.ts';
import type { Tariff } from './tariff/tariff.ts';

/** A request as it arrived, whatever the runtime. */
export interface IncomingFacts {
  readonly method: string;
  /** The request target as it was sent. */
  readonly target: string;
  /** Flat list of names and values, in received order and letter case. */
  readonly headers: readonly string[];
  readonly host: string | undefined;
  /** The peer's IP address; undefined if the connection has already closed. */
  readonly peer: string | undefined;
  readonly secure: boolean;
}

/** Dependencies of the stages. Every call is synchronous and in memory, except `firstTotal`. */
export interface GatewayDeps {
  readonly identify: Identify;
  readonly peer: (remote: string | undefined) => Peer;
  readonly directory: () => Directory;
  readonly total: (clientId: string, nowMs: number) => Total;
  /** False while the total covers only this process, because the window store has not answered for the client. */
  readonly isTotalKnown: (clientId: string) => boolean;
  /**
   * Waits, within a bound, for the window store at a client's first request in this process. Null for every other
   * request, because only a client whose tariff refuses has to wait (design, section 5).
   */
  readonly firstTotal: (clientId: string, nowMs: number) => Promise<void> | null;
  readonly pace: PaceLimiter | null;
  /** Limits the clients that an operator slows down. */
  readonly rates: RateLimiter;
  readonly forward: RequestHeaderOptions;
  readonly routes: CompiledRoutes;
  readonly decoders: Decoders;
  readonly countLimits: CountLimits;
  /** Limits for a request body that is read before the platform gets it. */
  readonly requestLimits: RequestLimits;
  /** True if posted forms are read when routes depend on their parameters. */
  readonly readsForms: boolean;
  readonly graphql: Pick<GraphqlReading, 'refusesUnreadable' | 'decode'>;
  readonly sha256Hex: Sha256Hex;
  /** Null if no response is counted a second time. */
  readonly crossCheck: CrossCheck | null;
  /** Lower-case name of the header in which the upstream declares a count. */
  readonly countHeader: string;
  /** Journals usage, then calls `released`. */
  readonly record: (usage: Usage, released: ReleaseCallback) => void;
  /** True if the client's usage cannot be journalled now and the configuration says to refuse in that case. */
  readonly isUnmeterable: (clientId: string) => boolean;
  /** True if in-flight plus queued requests, including this one, exceed the limit. */
  readonly isOverloaded: () => boolean;
  readonly bucketSeconds: number;
  readonly nowMs: () => number;
  readonly tally: Tally;
  /** Monotonic milliseconds, for durations. */
  readonly stopwatch: () => number;
  /** Receives an entry for each request; null if there is no access log. */
  readonly access: ((entry: AccessEntry) => void) | null;
  /**
   * Called for every response whose posts could not be counted, so that it is never silently 0 (design, section 3).
   */
  readonly onUncounted: (route: string, reason: UncountedReason) => void;
}

export type ReceiveResult =
  | { readonly kind: 'forward'; readonly metered: MeteredExchange }
  | { readonly kind: 'refused'; readonly problem: Problem; readonly clientId?: string };

export class Gateway {
  readonly #deps: GatewayDeps;

  constructor(deps: GatewayDeps) {
    this.#deps = deps;
  }

  /** Returns a promise only for a client's first request in this process under a tariff that refuses. */
  receive(request: IncomingFacts): ReceiveResult | Promise<ReceiveResult> {
    const startMs = this.#deps.stopwatch();
    const received = this.#decide(request);
    if (!(received instanceof Promise)) return this.#noted(received, request, startMs);
    return received.then((late) => this.#noted(late, request, startMs));
  }

  #noted(received: ReceiveResult, request: IncomingFacts, startMs: number): ReceiveResult {
    const { stopwatch, access } = this.#deps;
    if (received.kind === 'forward') received.metered.began(startMs, stopwatch());
    else if (access !== null) {
      const { problem, clientId = '' } = received;
      const requestId = requestIdOf(request.headers);
      const ms = stopwatch() - startMs;
      access({ requestId, client: clientId, route: NO_ROUTE, posts: 0, status: problem.status, ms });
    }
    return received;
  }

  #decide(request: IncomingFacts): ReceiveResult | Promise<ReceiveResult> {
    const deps = this.#deps;
    const nowMs = deps.nowMs();
    deps.tally.began();

    const directory = deps.directory();
    const found = deps.identify(
      { peer: request.peer, rawHeaders: request.headers, target: request.target, nowMs },
      directory,
    );
    const identity = found.kind === 'identified' ? found.identity : found.caller;
    if (isPrefix(identity.clientId)) deps.tally.sawAggregated();
    if (found.kind === 'bad_credential') return this.#refuse(refusedAs(identity), badCredentialProblem());
    if (deps.isOverloaded()) {
      deps.tally.sawOverload();
      return this.#refuse(refusedAs(identity), overloadedProblem());
    }

    const policy = policyFor(directory, identity, nowMs);
    const refusal = policy === null ? null : this.#byPolicy(policy, identity, nowMs);
    if (refusal?.kind === 'refused') return this.#refuse(identity, refusalProblem(refusal));
    const tariff = directory.tariffOf(identity.clientId, nowMs);
    const isAllowed = policy?.action === 'allow';
    const wait = !isAllowed && canRefuse(tariff) ? deps.firstTotal(identity.clientId, nowMs) : null;
    if (wait === null) return this.#admit(request, found, tariff, isAllowed, nowMs);
    return wait.then(() => this.#admit(request, found, tariff, isAllowed, deps.nowMs()));
  }

  #byPolicy(policy: ClientPolicy, { clientId }: Identity, nowMs: number): Admission | null {
    if (policy.action !== 'slow') return refusalByPolicy(policy, nowMs);
    return refusalByRate(this.#deps.rates.take(clientId, policy.ratePerSecond, nowMs));
  }

  #admit(
    request: IncomingFacts,
    found: IdentifiedRequest,
    tariff: Tariff,
    isAllowed: boolean,
    nowMs: number,
  ): ReceiveResult {
    const deps = this.#deps;
    const { identity } = found;
    const { clientId } = identity;
    const total = deps.total(clientId, nowMs);
    const pace = isAllowed ? undefined : deps.pace?.take(clientId, nowMs);
    const isKnown = deps.isTotalKnown(clientId);
    const admission = isAllowed ? ADMITTED : admit(tariff, total, isKnown, nowMs, pace);
    if (admission.kind === 'refused') {
      const limit = isKnown ? rateLimitHeaders(tariff, total, nowMs) : null;
      // A client at its threshold is already in the ledger.
      const metered = admission.reason === 'quota' ? identity : refusedAs(identity);
      return this.#refuse(metered, refusalProblem(admission), limit);
    }
    if (deps.isUnmeterable(clientId)) return this.#refuse(refusedAs(identity), unmeterableProblem());

    const target = pathOf(request.target, request.host);
    if (target.kind === 'unfit') return this.#refuse(refusedAs(identity), unfitTargetProblem(target.why));
    const peer = deps.peer(request.peer);
    const hop = { peer: peer.address, trusted: peer.trusted, secure: request.secure };
    const { method, headers } = request;
    const { fields, parameters } = secretsIn(found.secrets);
    const path = parameters.length === 0 ? target.path : withoutParameters(target.path, parameters);
    const selected = { method, path, headers, isTrusted: hop.trusted };
    const selection = new RouteSelection(deps.routes, selected, deps.readsForms ? deps.requestLimits : null);
    if (selection.refusal !== null) {
      return this.#refuse(refusedAs(identity), requestRefusalProblem(selection.refusal));
    }
    identity.newcomer?.takePlace();
    const shape = { isCounted: selection.mayHavePosts, secrets: fields };
    const upstreamHeaders = requestHeaders(headers, hop, deps.forward, clientId, shape);
    const metered = new MeteredExchange(deps, identity, tariff, selected, selection, upstreamHeaders);
    return { kind: 'forward', metered };
  }

  #refuse(identity: Identity, problem: Problem, limit: RateLimitHeaders | null = null): ReceiveResult {
    recordRefusal(this.#deps, identity, problem.status);
    const { clientId } = identity;
    if (limit === null) return { kind: 'refused', problem, clientId };
    const headers = { ...problem.headers, 'ratelimit-policy': limit.policy, ratelimit: limit.limit };
    return { kind: 'refused', problem: { ...problem, headers }, clientId };
  }
}

interface Secrets {
  /** Flat list of names and values. */
  readonly fields: readonly string[];
  readonly parameters: readonly string[];
}

const NO_SECRETS: Secrets = { fields: [], parameters: [] };

function secretsIn(places: readonly Place[] | undefined): Secrets {
  if (places === undefined || places.length === 0) return NO_SECRETS;
  return {
    fields: places.flatMap((place) => ('header' in place ? [place.header, place.value] : [])),
    parameters: places.flatMap((place) => ('parameter' in place ? [place.parameter] : [])),
  };
}

function recordRefusal(
  { tally, record, nowMs, bucketSeconds }: GatewayDeps,
  { clientId, identifierId }: Identity,
  status: number,
): void {
  tally.ended('refused', status, 0, 0);
  const bucketMs = bucketOf(nowMs(), bucketSeconds);
  const usage = { posts: 0, requests: 1, refused: 1, bytes: 0, uncounted: 0 };
  record({ clientId, identifierId, bucketMs, ...usage }, () => {});
}

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
}

type MeteredUsage = Pick<Usage, 'posts' | 'ids' | 'requests' | 'bytes' | 'uncounted'>;

const NO_POSTS: CountResult = { posts: 0 };

function conversationOf(decision: Decision): Conversation | null {
  if (decision.kind !== 'scan' || decision.rule.format !== 'graphql') return null;
  return decision.rule.plan instanceof Conversation ? decision.rule.plan : null;
}

/** Returns the policy for the caller's own address first, even if the caller is metered by its range. */
function policyFor(directory: Directory, { clientId, ownId }: Identity, nowMs: number): ClientPolicy | null {
  const policy = ownId === undefined ? null : directory.policyOf(ownId, nowMs);
  return policy ?? directory.policyOf(clientId, nowMs);
}

/**
 * Meters refused requests of a newcomer under its range; otherwise each newcomer would become a client in the ledger.
 */
function refusedAs(identity: Identity): Identity {
  const { newcomer, address } = identity;
  if (newcomer === undefined) return identity;
  const rangeId = newcomer.rangeId();
  return { clientId: rangeId, identifierId: rangeId, address };
}

/** One admitted request, from forwarding to metering. */
export class MeteredExchange {
  readonly method: string;
  /** Path and query for the upstream, unchanged. */
  readonly path: string;
  /** Flat list of names and values. */
  readonly upstreamHeaders: string[];
  readonly identity: Identity;
  /** Reads the request's body before or while the upstream gets it; null if no rule depends on the body. */
  readonly requestReader: RequestReader | null;
  readonly #deps: GatewayDeps;
  readonly #tariff: Tariff;
  readonly #selection: RouteSelection;
  readonly #graphql: GraphqlRequest | null;
  /** Body bytes of a stream that have been metered so far. */
  #meteredBytes = 0;
  /** Why the response could not be counted. A stream reports it only once. */
  #flaw: UncountedReason | undefined;
  #contentType: string | undefined;
  #status = 0;
  /** Counter of the route whose rule matches the response. */
  #counter: RouteCounter | null = null;
  /** True if the response has a body in which posts are counted. */
  #isCounted = false;
  /** Posts of a stream that have been metered so far. */
  #meteredPosts = 0;
  readonly #requestId: string | null;
  /** Stopwatch times: request head complete, request forwarded, response complete. */
  #startMs = 0;
  #forwardedMs = 0;
  #endedMs = 0;

  constructor(
    deps: GatewayDeps,
    identity: Identity,
    tariff: Tariff,
    request: Pick<IncomingFacts, 'method' | 'headers'> & { readonly path: string },
    selection: RouteSelection,
    upstreamHeaders: string[],
  ) {
    const { method, path } = request;
    this.#deps = deps;
    this.identity = identity;
    this.#tariff = tariff;
    this.method = method;
    this.path = path;
    this.#requestId = deps.access === null ? null : requestIdOf(request.headers);
    this.#selection = selection;
    this.#graphql = selection.possible.some(({ format }) => format === 'graphql')
      ? new GraphqlRequest(method, path, request.headers, deps.sha256Hex, deps.requestLimits.maxBytes, {
          ...deps.graphql,
          plans: selection.possible.flatMap((rule) => (rule.format === 'graphql' ? [rule.plan] : [])),
          countsMessages: messageRuleFor(selection.possible) !== undefined,
          nowMs: deps.nowMs,
        })
      : null;
    // Messages must not be compressed, because each one is read.
    this.upstreamHeaders = this.#graphql?.mayConverse
      ? withoutHeaders(upstreamHeaders, ['sec-websocket-extensions'])
      : upstreamHeaders;
    const { reader } = selection;
    this.requestReader =
      reader !== null && this.#graphql !== null
        ? new SeveralReaders([reader, this.#graphql])
        : (reader ?? this.#graphql);
  }

  /** @param forwardedMs stopwatch time at which the request goes to the upstream; `startMs` is on the same clock. */
  began(startMs: number, forwardedMs: number): void {
    this.#startMs = startMs;
    this.#forwardedMs = forwardedMs;
  }

  /** Records the added latency. Called when the end of the response is sent, after its usage was written. */
  delivered(): void {
    const { tally, stopwatch } = this.#deps;
    tally.added.observe(this.#forwardedMs - this.#startMs + stopwatch() - this.#endedMs);
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
    return this.#deps.requestLimits.maxMs;
  }

  /** Takes the upstream's final response head; returns the headers for the client and the counter of the body. */
  onResponseHead(status: number, headers: readonly string[], onCounterDrain: () => void): CountedResponse {
    const { decoders, countLimits, countHeader, forward } = this.#deps;
    const facts = responseHeaders(headers, countHeader, forward.via, status);
    this.#deps.tally.upstream.observe(this.#deps.stopwatch() - this.#forwardedMs);
    this.#status = status;
    this.#contentType = facts.contentType;
    const decision = decide(this.method, status, facts, this.#selection.match, this.#graphql);
    // If the body is scanned, `#observe` sets its route.
    if (decision.kind !== 'scan') this.#counter = this.#deps.tally.routes.of(this.#rule()?.name ?? NO_ROUTE);
    this.#isCounted = decision.kind === 'declared' || decision.kind === 'uncounted';
    const counter =
      decision.kind === 'none'
        ? null
        : createCounter(decision, decoders, countLimits, onCounterDrain, (chosen) => this.#observe(chosen));
    this.#addRateLimit(facts);
    const isStream = decision.kind === 'scan' && decision.rule.isStream;
    const conversation = conversationOf(decision);
    conversation?.begin(fieldValue(headers, 'sec-websocket-protocol'));
    const kind = decision.kind === 'scan' ? messagesOf(decision.rule) : null;
    const messages = conversation === null ? kind : 'text';
    const { contentLength, hasTrailer } = facts;
    return { headers: facts.headers, counter, contentLength, hasTrailer, isStream, messages, conversation };
  }

  /** Selects the trailers that go to the client. @param received flat list. @returns names and values in pairs. */
  trailers(received: readonly string[]): [string, string][] {
    return forwardableTrailers(received, this.#deps.countHeader);
  }

  /** Called once the rule that reads the body is known. */
  #observe(rule: ReadableRule): CountObserver {
    this.#counter = this.#deps.tally.routes.of(rule.name);
    this.#isCounted = true;
    return { copy: this.#deps.crossCheck?.choose(rule, this.path) ?? null };
  }

  /**
   * Meters the posts and bytes of a running stream since the last call.
   * @param bytes of the body that were delivered to the client since the stream began.
   * @returns false if the stream must be cut: the client is over its limit, the limit cannot be checked and the
   *   tariff fails closed, or usage cannot be written.
   */
  meterPartial(counter: Counter, bytes: number): boolean {
    if (!counter.hasNews) return true;
    const { tally, nowMs, total, isUnmeterable } = this.#deps;
    const found = counter.take();
    const newBytes = bytes - this.#meteredBytes;
    this.#meteredBytes = bytes;
    tally.ran(found.posts, newBytes);
    this.#counter?.ran(found.posts, newBytes);
    this.#meteredPosts += found.posts;
    if (found.uncounted !== undefined && this.#flaw === undefined)
      this.#counter?.ended(found.uncounted, 0, 0);
    this.#record({ ...this.#counted(found), requests: 0, bytes: newBytes }, () => {});
    const { clientId } = this.identity;
    const atMs = nowMs();
    const known = total(clientId, atMs);
    // The total includes this record only after the current turn, and the next event may be hours away, so add it
    // here.
    const withThese = { ...known, posts: known.posts + found.posts };
    return this.#mayContinue(withThese, atMs) && !isUnmeterable(clientId);
  }

  /** Checks the current policy and tariff; both may have changed since the stream began. */
  #mayContinue(total: Total, nowMs: number): boolean {
    const { directory, isTotalKnown } = this.#deps;
    const { clientId } = this.identity;
    const policy = policyFor(directory(), this.identity, nowMs);
    if (policy?.action === 'refuse') return false;
    if (policy?.action === 'allow') return true;
    const tariff = directory().tariffOf(clientId, nowMs);
    return admit(tariff, total, isTotalKnown(clientId), nowMs).kind === 'admitted';
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
    this.#deps.tally.ended(whole ? 'forwarded' : 'aborted', this.#status, found.posts, newBytes);
    this.#tallyRoute(found, newBytes, whole);
    this.#ended(found.posts);
    this.#record({ ...this.#counted(found), requests: 1, bytes: newBytes }, released);
  }

  #ended(posts: number): void {
    const { access, stopwatch } = this.#deps;
    this.#endedMs = stopwatch();
    if (access === null) return;
    access({
      requestId: this.#requestId,
      client: this.identity.clientId,
      route: this.#counter?.route ?? NO_ROUTE,
      posts: this.#meteredPosts + posts,
      status: this.#status,
      ms: this.#endedMs - this.#startMs,
    });
  }

  #tallyRoute({ uncounted, posts }: CountResult, bytes: number, whole: boolean): void {
    const counter = this.#counter;
    if (counter === null) return;
    if (this.#flaw !== undefined) counter.ran(posts, bytes);
    else {
      const hasPosts = posts > 0 || this.#meteredPosts > 0;
      counter.ended(outcomeOf(uncounted, this.#isCounted, hasPosts, this.#status, whole), posts, bytes);
    }
    if (counter.route === NO_ROUTE && bytes > 0)
      this.#deps.tally.paths.saw(this.path, this.#contentType, bytes);
  }

  #rule() {
    const { match } = this.#selection;
    return this.#status === 101 ? messageRuleFor(match) : ruleFor(match, this.#contentType);
  }

  /** Reports an uncounted response in metrics and log, and counts it once in usage, even for a stream. */
  #counted({ uncounted, ...found }: CountResult): Pick<MeteredUsage, 'posts' | 'ids' | 'uncounted'> {
    if (uncounted === undefined || this.#flaw !== undefined) return { ...found, uncounted: 0 };
    this.#flaw = uncounted;
    this.#deps.onUncounted(this.#counter?.route ?? NO_ROUTE, uncounted);
    return { ...found, uncounted: 1 };
  }

  /** Refuses the request because its body makes the response uncountable or did not arrive in time. */
  refuse(refusal: RequestRefusal): Problem {
    const problem = requestRefusalProblem(refusal);
    this.#status = problem.status;
    recordRefusal(this.#deps, this.identity, problem.status);
    this.#ended(0);
    return problem;
  }

  /** The upstream did not respond, or the request could not be forwarded (status below 500). */
  fail(failure: UpstreamFailure, released: (problem: Problem) => void): void {
    this.#status = failure.status;
    if (failure.status >= 500) this.#deps.tally.sawUpstreamError(failure.code);
    this.#deps.tally.ended('failed', this.#status, 0, 0);
    this.#ended(0);
    const problem = failureProblem(failure);
    this.#record({ posts: 0, requests: 1, bytes: 0, uncounted: 0 }, () => released(problem));
  }

  #record(usage: MeteredUsage, released: ReleaseCallback): void {
    const { record, nowMs, bucketSeconds } = this.#deps;
    const { clientId, identifierId } = this.identity;
    const bucketMs = bucketOf(nowMs(), bucketSeconds);
    record({ clientId, identifierId, bucketMs, refused: 0, ...usage }, released);
  }

  /** Reports the limit before this response, because its own posts are not known yet. */
  #addRateLimit(facts: ResponseFacts): void {
    if (!this.#deps.isTotalKnown(this.identity.clientId)) return;
    const nowMs = this.#deps.nowMs();
    const total = this.#deps.total(this.identity.clientId, nowMs);
    const limit = rateLimitHeaders(this.#tariff, total, nowMs);
    if (limit !== null) facts.headers.push('RateLimit-Policy', limit.policy, 'RateLimit', limit.limit);
  }
}
