/** What is reported of one exchange: counters of the process and of its route, latency, and the access log. */

import { userAgentOf } from '../callers/caller-traits.ts';
import type { CountResult } from '../count/counter.ts';
import type { UncountedReason } from '../count/uncounted.ts';
import type { Identity } from '../identify/identity.ts';
import { isCaller } from '../meter/client-id.ts';
import { requestIdOf } from '../report/access.ts';
import { NO_ROUTE } from '../report/routes/port.ts';
import { outcomeOf, type RouteCounter } from '../report/routes/route-counts.ts';
import type { Asker } from '../rights/asker.ts';
import type { GatewayDeps } from './deps.ts';

/** The client of an exchange, and who is asking as far as rights are concerned. */
export interface ExchangeClient {
  readonly identity: Identity;
  readonly asker: Asker;
}

/** The base class of `MeteredExchange`: a separate object would be one more allocation per request. */
export abstract class ExchangeReport {
  readonly identity: Identity;
  readonly asker: Asker;
  /** Path and query for the upstream, unchanged. */
  readonly path: string;
  protected readonly deps: GatewayDeps;
  readonly #requestId: string | null;
  /** Null for a client that is not an unknown caller. */
  readonly #userAgent: string | null;
  /** Counter of the route whose rule matches the response. */
  #counter: RouteCounter | null = null;
  /** True if the response has a body in which posts are counted. */
  #isCounted = false;
  /** Why the response could not be counted. A stream reports it only once. */
  #flaw: UncountedReason | undefined;
  #contentType: string | undefined;
  #status = 0;
  /** Posts that have been metered so far. */
  #meteredPosts = 0;
  /** Stopwatch times: request head complete, request forwarded, response complete. */
  #startMs = 0;
  #forwardedMs = 0;
  #endedMs = 0;

  constructor(
    deps: GatewayDeps,
    { identity, asker }: ExchangeClient,
    path: string,
    headers: readonly string[],
  ) {
    this.deps = deps;
    this.identity = identity;
    this.asker = asker;
    this.path = path;
    this.#requestId = deps.access === null ? null : requestIdOf(headers);
    this.#userAgent = isCaller(identity.clientId) ? userAgentOf(headers) : null;
  }

  /** @param forwardedMs stopwatch time at which the request goes to the upstream; `startMs` is on the same clock. */
  began(startMs: number, forwardedMs: number): void {
    this.#startMs = startMs;
    this.#forwardedMs = forwardedMs;
  }

  /** Records the added latency. Called when the end of the response is sent, after its usage was written. */
  delivered(): void {
    const { tally, stopwatch } = this.deps;
    tally.added.observe(this.#forwardedMs - this.#startMs + stopwatch() - this.#endedMs);
  }

  protected reportHead(status: number, contentType: string | undefined): void {
    this.deps.tally.upstream.observe(this.deps.stopwatch() - this.#forwardedMs);
    this.#status = status;
    this.#contentType = contentType;
  }

  /** @param isCounted whether the response has a body in which posts are counted. */
  protected reportRoute(name: string, isCounted: boolean): void {
    this.#counter = this.deps.tally.routes.of(name);
    this.#isCounted = isCounted;
  }

  /** Reports the posts and bytes of a running stream since the last call. */
  protected reportPartial({ posts, uncounted }: CountResult, bytes: number): void {
    this.deps.tally.streamProgress(posts, bytes);
    this.#counter?.ran(posts, bytes);
    this.#meteredPosts += posts;
    this.#reportCaller(0, posts);
    if (uncounted !== undefined && this.#flaw === undefined) this.#counter?.ended(uncounted, 0, 0);
  }

  /** @param whole false if the client or the upstream aborted. */
  protected reportEnd(found: CountResult, bytes: number, whole: boolean): void {
    this.deps.tally.requestEnded(whole ? 'forwarded' : 'aborted', this.#status, found.posts, bytes);
    this.#reportRouteEnd(found, bytes, whole);
    this.#reportCaller(1, found.posts);
    this.#meteredPosts += found.posts;
    this.#logAccess();
  }

  /** All posts of the response, after `reportEnd`. */
  protected get deliveredPosts(): number {
    return this.#meteredPosts;
  }

  /** Reports a response of our own: a refusal, or the failure of the upstream. */
  protected reportProblem(status: number): void {
    this.#status = status;
    this.#logAccess();
  }

  /** Reports an uncounted response in metrics and log, and counts it once in usage, even for a stream. */
  protected reportUncounted({
    uncounted,
    ...found
  }: CountResult): Omit<CountResult, 'uncounted'> & { readonly uncounted: number } {
    if (uncounted === undefined || this.#flaw !== undefined) return { ...found, uncounted: 0 };
    this.#flaw = uncounted;
    this.deps.onUncounted(this.#counter?.route ?? NO_ROUTE, uncounted);
    return { ...found, uncounted: 1 };
  }

  #reportRouteEnd({ uncounted, posts }: CountResult, bytes: number, whole: boolean): void {
    const counter = this.#counter;
    if (counter === null) return;
    if (this.#flaw !== undefined) counter.ran(posts, bytes);
    else {
      const hasPosts = posts > 0 || this.#meteredPosts > 0;
      counter.ended(outcomeOf(uncounted, this.#isCounted, hasPosts, this.#status, whole), posts, bytes);
    }
    if (counter.route === NO_ROUTE && bytes > 0) {
      this.deps.tally.paths.saw(this.path, this.#contentType, bytes);
    }
  }

  #reportCaller(requests: 0 | 1, posts: number): void {
    if (this.#userAgent === null) return;
    const route = this.#counter?.route ?? NO_ROUTE;
    this.deps.tally.callers.saw(this.identity.clientId, this.#userAgent, route, requests, posts);
  }

  #logAccess(): void {
    const { access, stopwatch } = this.deps;
    this.#endedMs = stopwatch();
    if (access === null) return;
    access({
      requestId: this.#requestId,
      client: this.identity.clientId,
      asker: this.asker,
      route: this.#counter?.route ?? NO_ROUTE,
      posts: this.#meteredPosts,
      status: this.#status,
      ms: this.#endedMs - this.#startMs,
    });
  }
}
