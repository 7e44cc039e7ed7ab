/** What this process knows of agents, from memory: published ranges and verdicts of reverse DNS. */

import type { Address } from '../address.ts';
import type { AgentKnowledge, CatalogueAgent } from '../asker/port.ts';
import type { KnownLists } from '../ranges/known-lists.ts';
import type { KnownVerdicts } from '../reverse-dns/known-verdicts.ts';
import { type ClaimFacts, judgeClaim } from './judge.ts';

export interface KnowledgeSources {
  readonly lists: KnownLists;
  /** Null in a process that may not ask DNS: claims that only reverse DNS could confirm stay `pending`. */
  readonly verdicts: Pick<KnownVerdicts, 'of'> | null;
}

/** `judge` costs 0.4 µs for an address with a verdict. It asks DNS only if no range contains the address. */
export function agentKnowledge({ lists, verdicts }: KnowledgeSources): AgentKnowledge {
  return {
    judge: (address, agent, nowMs) => {
      const isInRange = isListed(lists, address, agent);
      const reverseDns = isInRange ? 'pending' : reverseOf(address, agent, nowMs, verdicts);
      return judgeClaim({ isInRange, lists: lists.stateOf(agent, nowMs), reverseDns });
    },
    operatorsOf: (address) => lists.operatorsOf(address),
  };
}

/** Whether a list of the agent's operator contains the address. An agent without lists is not proven by others' lists. */
export function isListed(lists: KnownLists, address: Address, agent: CatalogueAgent): boolean {
  return lists.listsOf(agent).length > 0 && lists.operatorsOf(address).includes(agent.operator);
}

function reverseOf(
  address: Address,
  agent: CatalogueAgent,
  nowMs: number,
  verdicts: KnowledgeSources['verdicts'],
): ClaimFacts['reverseDns'] {
  if (agent.verify.rdns.length === 0) return 'none';
  return verdicts === null ? 'pending' : verdicts.of(address, agent, nowMs);
}
