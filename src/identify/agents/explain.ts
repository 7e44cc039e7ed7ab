/** Explains the verdict for an address that claims an agent, step by step, for people. */

import type { Address } from '../address.ts';
import type { AddressVerdict, CatalogueAgent } from '../asker/port.ts';
import { type AgentList, isListFresh } from '../ranges/agent-list.ts';
import type { KnownLists } from '../ranges/known-lists.ts';
import { containsPrefix, parsePrefix } from '../ranges/prefix.ts';
import type { ReverseFinding } from '../reverse-dns/port.ts';
import { judgeClaim } from './judge.ts';
import { isListed } from './knowledge.ts';

export interface CheckStep {
  readonly check: 'list' | 'operator' | 'reverse_dns';
  /** The URL of the list, the operator, or the suffixes of names. */
  readonly source: string;
  readonly finding: string;
}

export interface AgentCheck extends AddressVerdict {
  readonly address: string;
  readonly agent: CatalogueAgent;
  readonly steps: readonly CheckStep[];
}

/** @param finding what reverse DNS found; null if the agent has no names, or DNS may not be asked. */
export function explainClaim(
  address: Address,
  agent: CatalogueAgent,
  lists: KnownLists,
  finding: ReverseFinding | null,
  nowMs: number,
): AgentCheck {
  const hasNames = agent.verify.rdns.length > 0;
  const isInRange = isListed(lists, address, agent);
  const verdict = judgeClaim({
    isInRange,
    lists: lists.stateOf(agent, nowMs),
    reverseDns: hasNames ? (finding?.result ?? 'pending') : 'none',
  });
  const operator = isInRange ? 'contains the address' : 'does not contain the address';
  const steps: CheckStep[] = [
    ...lists.listsOf(agent).map((list) => listStep(list, address, nowMs)),
    { check: 'operator', source: agent.operator, finding: `the lists of all agents: ${operator}` },
    { check: 'reverse_dns', source: agent.verify.rdns.join(' '), finding: reverseText(hasNames, finding) },
  ];
  return { ...verdict, address: address.text, agent, steps };
}

function listStep(list: AgentList, address: Address, nowMs: number): CheckStep {
  return {
    check: 'list',
    source: list.url,
    finding: `${containsText(list, address)}${ageText(list, nowMs)}`,
  };
}

function containsText({ prefixes }: AgentList, address: Address): string {
  if (prefixes === null) return 'the list is not known';
  const one = parsePrefix(address.text)!;
  const found = prefixes.find((text) => containsPrefix(parsePrefix(text)!, one));
  return found === undefined ? 'does not contain the address' : `contains the address in ${found}`;
}

function ageText(list: AgentList, nowMs: number): string {
  const failure = list.failure === null ? '' : `; the last attempt to fetch it failed: ${list.failure}`;
  if (list.fetchedAtMs === null) return failure;
  const hours = Math.floor((nowMs - list.fetchedAtMs) / 3_600_000);
  const age = isListFresh(list, nowMs) ? '' : ', too old to prove that an address is not in it';
  return `; ${list.isShipped ? 'shipped with Postmeter' : 'fetched'} ${hours} hours ago${age}${failure}`;
}

function reverseText(hasNames: boolean, finding: ReverseFinding | null): string {
  if (!hasNames) return 'the agent has no names to confirm';
  if (finding === null) return 'not asked, because agents.offline is set';
  const names = finding.names.length === 0 ? 'no name' : finding.names.join(', ');
  if (finding.result === 'verified') return `${names} leads back to the address`;
  if (finding.result === 'error') return `no answer: ${names} was found`;
  return `found ${names}; none fits and leads back to the address`;
}
