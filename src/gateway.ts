/**
 * Takes one request through the stages: identify -> admit -> rights -> forward here, count -> meter in
 * `MeteredExchange`. All decisions are made here and in the stages; the adapters of a runtime only carry bytes. Nothing
 * before forwarding waits for I/O, except rights at the edge.
 */

import { ADMITTED, type Admission, admit, canRefuse } from './admit/admit.ts';
import { type ClientPolicy, refusalByPolicy, refusalByRate } from './admit/policy.ts';
import {
  badCredentialProblem,
  invalidSignatureProblem,
  overloadedProblem,
  type Problem,
  refusalProblem,
  requestRefusalProblem,
  unfitTargetProblem,
  unmeterableProblem,
} from './admit/problem.ts';
import { type RateLimitHeaders, rateLimitHeaders } from './admit/rate-limit-headers.ts';
import type { GatewayDeps } from './exchange/deps.ts';
import { MeteredExchange } from './exchange/metered-exchange.ts';
import { policyFor, recordOwnAnswer, recordRefusal, refusedAs } from './exchange/refusal.ts';
import { type ResourceRights, resourceRights } from './exchange/resource-rights.ts';
import { headersFor, requestedDocument } from './exchange/site-terms.ts';
import { fieldValue } from './forward/header-names.ts';
import { type Hop, requestHeaders } from './forward/request-headers.ts';
import { RouteSelection, type SelectedRequest } from './forward/shape/route-selection.ts';
import { pathOf, withoutParameters } from './forward/target.ts';
import { agentHeaderText } from './identify/asker/agent-header.ts';
import { ownedByAgent } from './identify/asker/agent-owner.ts';
import type { Recognised } from './identify/asker/askers.ts';
import { credentialPlaces } from './identify/credentials.ts';
import type { IdentifiedRequest, Identity } from './identify/identity.ts';
import type { IncomingFacts } from './identify/incoming-facts.ts';
import { isPrefix } from './meter/client-id.ts';
import { requestIdOf } from './report/access.ts';
import { NO_ROUTE } from './report/routes/port.ts';
import type { Asker } from './rights/asker.ts';
import type { Tariff } from './tariff/tariff.ts';
import type { PolicyVersion } from './terms/policy.ts';
import type { SiteDocument } from './terms/site-document.ts';

export type ReceiveResult =
  | { readonly kind: 'forward'; readonly metered: MeteredExchange }
  /** A document of the policy, which is served without the platform. */
  | {
      readonly kind: 'document';
      readonly document: SiteDocument;
      readonly clientId: string;
      readonly asker: Asker;
    }
  | {
      readonly kind: 'refused';
      readonly problem: Problem;
      readonly clientId?: string;
      /** Absent if the request was refused before its asker was classified. */
      readonly asker?: Asker;
    };

/** A request whose client and agent are known. */
interface KnownRequest {
  readonly request: IncomingFacts;
  readonly found: IdentifiedRequest;
  readonly recognised: Recognised;
  readonly tariff: Tariff;
  readonly isAllowed: boolean;
}

/** A request whose routes are known. */
interface SelectedTarget {
  readonly selected: SelectedRequest;
  readonly selection: RouteSelection;
  readonly hop: Hop;
  /** Fields with keys of ours. */
  readonly secrets: ReturnType<typeof credentialPlaces>['fields'];
  /** The policy in force, by which this request is decided; null if there is none. */
  readonly policy: PolicyVersion | null;
}

export class Gateway {
  readonly #deps: GatewayDeps;

  constructor(deps: GatewayDeps) {
    this.#deps = deps;
  }

  /**
   * Returns a promise only for a client's first request in this process under a tariff that refuses, and at the edge for
   * an asker from whom something may be withheld.
   */
  receive(request: IncomingFacts): ReceiveResult | Promise<ReceiveResult> {
    const startMs = this.#deps.stopwatch();
    const received = this.#identify(request);
    if (!(received instanceof Promise)) return this.#report(received, request, startMs);
    return received.then((late) => this.#report(late, request, startMs));
  }

  #report(received: ReceiveResult, request: IncomingFacts, startMs: number): ReceiveResult {
    const { stopwatch, access } = this.#deps;
    if (received.kind === 'forward') received.metered.began(startMs, stopwatch());
    else if (access !== null) {
      const { clientId = '', asker = null } = received;
      const { status } = received.kind === 'refused' ? received.problem : received.document;
      const requestId = requestIdOf(request.headers);
      const ms = stopwatch() - startMs;
      access({ requestId, client: clientId, asker, route: NO_ROUTE, posts: 0, status, ms });
    }
    return received;
  }

  #identify(request: IncomingFacts): ReceiveResult | Promise<ReceiveResult> {
    const deps = this.#deps;
    const nowMs = deps.nowMs();
    deps.tally.requestStarted();

    const directory = deps.directory();
    const known = deps.identify(
      { peer: request.peer, rawHeaders: request.headers, target: request.target, nowMs },
      directory,
    );
    const { address } = known.kind === 'identified' ? known.identity : known.caller;
    const recognised = deps.askers.recognise(request, address, nowMs);
    const found = ownedByAgent(known, recognised.agents, directory);
    const identity = found.kind === 'identified' ? found.identity : found.caller;
    if (isPrefix(identity.clientId)) deps.tally.aggregatedClient();
    if (found.kind === 'bad_credential') return this.#refuse(refusedAs(identity), badCredentialProblem());
    const { signature } = recognised;
    if (deps.refusesInvalidSignatures && signature?.outcome === 'invalid') {
      return this.#refuse(refusedAs(identity), invalidSignatureProblem(signature.reason ?? ''));
    }
    if (deps.isOverloaded()) {
      deps.tally.overload();
      return this.#refuse(refusedAs(identity), overloadedProblem());
    }

    const policy = policyFor(directory, identity, nowMs);
    const refusal = policy === null ? null : this.#byPolicy(policy, identity, nowMs);
    if (refusal?.kind === 'refused') return this.#refuse(identity, refusalProblem(refusal));
    const tariff = directory.tariffOf(identity.clientId, nowMs);
    const isAllowed = policy?.action === 'allow';
    const wait = !isAllowed && canRefuse(tariff) ? deps.firstTotal(identity.clientId, nowMs) : null;
    const identified = { request, found, recognised, tariff, isAllowed };
    if (wait === null) return this.#admit(identified, nowMs);
    return wait.then(() => this.#admit(identified, deps.nowMs()));
  }

  #byPolicy(policy: ClientPolicy, { clientId }: Identity, nowMs: number): Admission | null {
    if (policy.action !== 'slow') return refusalByPolicy(policy, nowMs);
    return refusalByRate(this.#deps.rates.take(clientId, policy.ratePerSecond, nowMs));
  }

  #admit(known: KnownRequest, nowMs: number): ReceiveResult | Promise<ReceiveResult> {
    const deps = this.#deps;
    const { tariff, isAllowed } = known;
    const { identity } = known.found;
    const { clientId } = identity;
    const total = deps.total(clientId, nowMs);
    const asker = this.#classify(known, total.posts, nowMs);
    const pace = isAllowed ? undefined : deps.pace?.take(clientId, nowMs);
    const isKnown = deps.isTotalKnown(clientId);
    const admission = isAllowed ? ADMITTED : admit(tariff, total, isKnown, nowMs, pace);
    if (admission.kind === 'refused') {
      const limit = isKnown ? rateLimitHeaders(tariff, total, nowMs) : null;
      // A client at its threshold is already in the ledger.
      const billed = admission.reason === 'quota' ? identity : refusedAs(identity);
      return this.#refuse(billed, refusalProblem(admission), limit, asker);
    }
    if (deps.isUnmeterable(clientId))
      return this.#refuse(refusedAs(identity), unmeterableProblem(), null, asker);
    return this.#select(known, asker, nowMs);
  }

  #classify({ request, found, recognised }: KnownRequest, posts: number, nowMs: number): Asker {
    const { askers, directory, tally } = this.#deps;
    const { clientId, address } = found.identity;
    const client = { clientId, address, by: found.by, class: directory().classOf(clientId) };
    const asker = askers.classify(recognised, client, request, posts, nowMs);
    tally.asked(asker);
    return asker;
  }

  /** Finds the routes of the request, and what holds for the resource that it names. */
  #select(known: KnownRequest, asker: Asker, nowMs: number): ReceiveResult | Promise<ReceiveResult> {
    const { request, found } = known;
    const { identity, secrets } = found;
    const deps = this.#deps;
    const target = pathOf(request.target, request.host);
    if (target.kind === 'unfit')
      return this.#refuse(refusedAs(identity), unfitTargetProblem(target.why), null, asker);
    const peer = deps.peer(request.peer);
    const hop = { peer: peer.address, trusted: peer.trusted, secure: request.secure };
    const { method, headers } = request;
    const { fields, parameters } = credentialPlaces(secrets);
    const path = parameters.length === 0 ? target.path : withoutParameters(target.path, parameters);
    const selected = { method, path, headers, isTrusted: hop.trusted };
    const selection = new RouteSelection(deps.routes, selected, deps.readsForms ? deps.requestLimits : null);
    if (selection.refusal !== null) {
      return this.#refuse(refusedAs(identity), requestRefusalProblem(selection.refusal), null, asker);
    }
    const policy = deps.directory().policyAt(nowMs);
    const chosen = { selected, selection, hop, secrets: fields, policy };
    const route = selection.possible[0]?.name ?? NO_ROUTE;
    const { clientId } = identity;
    const hosts = () => hostsOf(request, hop.trusted);
    const resource = { asker, clientId, method, path, hosts, route };
    const rights = resourceRights(deps, resource, policy?.policy ?? null, nowMs);
    if (!(rights instanceof Promise)) return this.#forward(known, chosen, rights);
    return rights.then((late) => this.#forward(known, chosen, late));
  }

  #forward(
    { request, found, tariff }: KnownRequest,
    { selected, selection, hop, secrets, policy }: SelectedTarget,
    rights: ResourceRights,
  ): ReceiveResult {
    const deps = this.#deps;
    const { identity } = found;
    const { asker } = rights;
    const withheld = rights.refusal();
    if (withheld !== null) {
      rights.record(true, 0);
      return this.#refuse(refusedAs(identity), withheld, null, asker);
    }
    const published = deps.terms(policy);
    const requested = published && requestedDocument(deps, published, request, selected.path, hop);
    identity.newcomer?.takePlace();
    if (requested?.kind === 'own') {
      const { document } = requested;
      recordOwnAnswer(deps, identity, 'forwarded', document.status, document.body.length);
      return { kind: 'document', document, clientId: identity.clientId, asker };
    }
    const agent = deps.forward.agentHeader === null ? '' : agentHeaderText(asker);
    const shape = { isCounted: selection.mayHavePosts, secrets, agent };
    const upstreamHeaders = requestHeaders(request.headers, hop, deps.forward, identity.clientId, shape);
    const terms = {
      headers: headersFor(published, asker.class),
      replacement: requested?.replacement ?? null,
    };
    const client = { identity, asker, tariff, rights };
    const metered = new MeteredExchange(deps, client, selected, selection, upstreamHeaders, terms);
    return { kind: 'forward', metered };
  }

  #refuse(
    identity: Identity,
    problem: Problem,
    limit: RateLimitHeaders | null = null,
    asker?: Asker,
  ): ReceiveResult {
    recordRefusal(this.#deps, identity, problem.status);
    const refused = {
      kind: 'refused',
      problem,
      clientId: identity.clientId,
      ...(asker && { asker }),
    } as const;
    if (limit === null) return refused;
    const headers = { ...problem.headers, 'ratelimit-policy': limit.policy, ratelimit: limit.limit };
    return { ...refused, problem: { ...problem, headers } };
  }
}

/** The hosts that the platform may read: the Host field, and what a trusted proxy reports. */
function hostsOf({ host, headers }: IncomingFacts, isTrusted: boolean): string[] {
  const reported = isTrusted ? fieldValue(headers, 'x-forwarded-host')?.split(',') : undefined;
  return [host ?? '', ...(reported ?? [])].map((one) => one.trim()).filter((one) => one !== '');
}
