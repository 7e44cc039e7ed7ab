/** The catalogue of agents in force: what Postmeter ships, with the changes of the configuration, as an index. */

import { LRUCache } from 'lru-cache';
import { AGENT_CLASSES, type AgentClass } from '../../../rights/asker.ts';
import { signerNameOf } from '../../signature/signer.ts';
import type { CatalogueAgent } from '../port.ts';
import type { CatalogueEntries } from '../settings.ts';
import { claimIndex } from './claim-index.ts';
import { SHIPPED_AGENTS, unverifiable } from './shipped-agents.ts';

export interface Catalogue {
  readonly agents: readonly CatalogueAgent[];
  /** Finds an agent by its token, without case. */
  byToken(token: string): CatalogueAgent | undefined;
  /** The agents that the User-Agent claims, in the order of the text. Only its first 1,000 characters are read. */
  claimedBy(userAgent: string): readonly CatalogueAgent[];
  /** The agents for which the URL signs, the strictest first. */
  signedBy(url: string): readonly CatalogueAgent[];
  /** The agents of an operator, the strictest first. */
  ofOperator(operator: string): readonly CatalogueAgent[];
}

/** No browser sends a longer User-Agent. */
export const MAX_USER_AGENT = 1_000;
const CACHED = 10_000;
const NONE: readonly CatalogueAgent[] = [];

/** Builds the catalogue: the shipped agents with the entries of the configuration. */
export function catalogueOf(entries: CatalogueEntries): Catalogue {
  const agents = changed(entries).sort((a, b) => strictness(a.class) - strictness(b.class));
  const byToken = new Map(agents.map((agent) => [agent.token.toLowerCase(), agent]));
  const bySigner = new Map<string, CatalogueAgent[]>();
  const byOperator = new Map<string, CatalogueAgent[]>();
  for (const agent of agents) {
    for (const url of agent.verify.signatureAgents) addTo(bySigner, signerKey(url), agent);
    if (agent.isRobotsOnly !== true) addTo(byOperator, agent.operator, agent);
  }
  const find = claimIndex(agents);
  const claims = new LRUCache<string, readonly CatalogueAgent[]>({ max: CACHED });
  return {
    agents,
    byToken: (token) => byToken.get(token.toLowerCase()),
    claimedBy: (userAgent) => {
      // A part of a long text would keep the whole text in the cache.
      if (userAgent.length > MAX_USER_AGENT) return find(userAgent.slice(0, MAX_USER_AGENT));
      let found = claims.get(userAgent);
      if (found === undefined) {
        found = find(userAgent);
        claims.set(userAgent, found);
      }
      return found;
    },
    signedBy: (url) => bySigner.get(signerKey(url)) ?? NONE,
    ofOperator: (operator) => byOperator.get(operator) ?? NONE,
  };
}

/** The rank of a class: 0 is the strictest. */
export function strictness(agentClass: AgentClass): number {
  return AGENT_CLASSES.indexOf(agentClass);
}

/** One text for the same signer: its name if it can sign, else the URL; without a slash at its end. */
export function signerKey(url: string): string {
  const normal = signerNameOf(url) ?? url;
  return normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

function changed(entries: CatalogueEntries): CatalogueAgent[] {
  const agents = new Map(SHIPPED_AGENTS.map((agent) => [agent.token.toLowerCase(), agent]));
  for (const { token, remove, operator, class: agentClass, match, verify } of entries) {
    const key = token.toLowerCase();
    if (remove) {
      agents.delete(key);
      continue;
    }
    const before = agents.get(key) ?? unverifiable(token, '', 'unknown');
    agents.set(key, {
      ...before,
      operator: operator ?? before.operator,
      class: agentClass ?? before.class,
      match: match ?? before.match,
      verify: {
        ranges: verify.ranges ?? before.verify.ranges,
        rdns: verify.rdns ?? before.verify.rdns,
        signatureAgents: verify.signatureAgents ?? before.verify.signatureAgents,
      },
    });
  }
  return [...agents.values()];
}

function addTo(map: Map<string, CatalogueAgent[]>, key: string, agent: CatalogueAgent): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [agent]);
  else known.push(agent);
}
