/** The rights in the resource of one request: what holds for it, and whether it is withheld from the asker. */

import type { Problem } from '../admit/problem.ts';
import { withheldProblem } from '../admit/rights-problem.ts';
import type { Asker } from '../rights/asker.ts';
import { isJudged, isRegistryKnown, judge, maskOfRequest, withheldAnswer } from '../rights/decide.ts';
import { effectiveStates } from '../rights/effective.ts';
import { type EnforcedTerms, isUnconcerned, NOT_EVALUATED, rulesOf } from '../rights/enforcement.ts';
import { isFreePath } from '../rights/free-path.ts';
import { requestSubjects } from '../rights/request-subjects.ts';
import type { StateMask, SubjectStates } from '../rights/state.ts';
import type { Subject } from '../rights/subject.ts';
import type { GatewayDeps } from './deps.ts';

export interface RightsRequest {
  readonly asker: Asker;
  readonly clientId: string;
  readonly method: string;
  /** Path and query as they are forwarded to the platform. */
  readonly path: string;
  /** By which the platform may recognise the site. Asked only if something can be withheld from the asker. */
  readonly hosts: () => readonly string[];
  /** Name of the first route that may match. */
  readonly route: string;
}

type RightsDeps = Pick<GatewayDeps, 'rights' | 'subjectRules' | 'tally'>;

/**
 * Returns a promise only at the edge, for an asker from whom something may be withheld.
 * @param terms of the policy in force; null if there is none.
 */
export function resourceRights(
  deps: RightsDeps,
  request: RightsRequest,
  terms: EnforcedTerms | null,
  nowMs: number,
): ResourceRights | Promise<ResourceRights> {
  const { asker, method, path, hosts } = request;
  if (terms === null || !isJudged(asker, rulesOf(terms))) {
    return new ResourceRights(deps, request, null, isUnconcerned(asker.class) ? 0 : NOT_EVALUATED);
  }
  const { subjects, isByQuery } = requestSubjects(deps.subjectRules, path, hosts());
  if (!isByQuery && isFreePath(method, path, terms.freePaths)) {
    return new ResourceRights(deps, request, terms, maskOfRequest(0, true, true));
  }
  const known = (states: readonly SubjectStates[]): ResourceRights => {
    const isKnown = isRegistryKnown(deps.rights.asOf, terms, nowMs);
    return new ResourceRights(
      deps,
      request,
      terms,
      maskOfRequest(statesOf(subjects, states, terms), isKnown, false),
    );
  };
  const found = deps.rights.statesOf(subjects);
  return found instanceof Promise ? found.then(known) : known(found);
}

function statesOf(
  subjects: readonly Subject[],
  states: readonly SubjectStates[],
  { regime }: EnforcedTerms,
): StateMask {
  const found = subjects.map(({ kind }, at) => ({ kind, states: states[at]! }));
  return effectiveStates(found, regime);
}

export class ResourceRights {
  readonly #deps: RightsDeps;
  readonly #request: RightsRequest;
  /** Null if nothing can be withheld from the asker. */
  readonly #terms: EnforcedTerms | null;
  #mask: StateMask;

  constructor(deps: RightsDeps, request: RightsRequest, terms: EnforcedTerms | null, mask: StateMask) {
    this.#deps = deps;
    this.#request = request;
    this.#terms = terms;
    this.#mask = mask;
  }

  get asker(): Asker {
    return this.#request.asker;
  }

  /** True if what the platform declares in its response can change the decision. */
  get isJudged(): boolean {
    return this.#terms !== null;
  }

  /** True if the response must not begin before the platform's declarations have been read. */
  get isEnforced(): boolean {
    if (this.#terms === null) return false;
    const { class: own, alsoAs } = this.asker;
    const rules = rulesOf(this.#terms);
    return rules[own].mode === 'enforce' || (alsoAs !== undefined && rules[alsoAs].mode === 'enforce');
  }

  /** Adds states that the platform declares in its response. */
  declare(states: StateMask): void {
    this.#mask |= states;
  }

  /** The response that is sent instead of the platform's; null if the resource is not withheld. */
  refusal(): Problem | null {
    if (this.#terms === null) return null;
    const { terms, enforcement } = this.#terms;
    const judgement = judge(this.asker, this.#mask, rulesOf(this.#terms));
    if (judgement.kind === 'pass' || judgement.mode === 'shadow') return null;
    return withheldProblem(withheldAnswer(judgement, enforcement.conceal), terms.url);
  }

  /** Records the one answer to the request. @param posts that were delivered. */
  record(isWithheld: boolean, posts: number): void {
    const { asker, clientId, route } = this.#request;
    this.#deps.tally.exposure.saw(asker, clientId, route, this.#mask, isWithheld, posts);
  }
}
