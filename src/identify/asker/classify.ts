/** The class of a request's asker, from its client, its agents and its behaviour. The first rule that fits applies. */

import type { Asker, ClientClass } from '../../rights/asker.ts';
import type { AgentPart } from './evidence.ts';

export interface AskingClient {
  /** Chosen by an operator; null if the client has none, or is an unknown caller. */
  readonly class: ClientClass | null;
  /** `key` and `range`: by a registered identifier of the client. `agent`: by a proven agent. */
  readonly by: 'key' | 'range' | 'agent' | 'address';
}

export interface Behaviour {
  readonly isLikeBrowser: boolean;
  /** The client took at most `humanMaxPosts` in its window, or the request has a session of the platform. */
  readonly isLikePerson: boolean;
}

const HUMAN: Asker = { class: 'human', agent: null, verdict: null, evidence: 'behaviour' };
const UNKNOWN: Asker = { class: 'unknown', agent: null, verdict: null, evidence: 'behaviour' };

/** @param agents the result of `agentParts`. */
export function classify(client: AskingClient, agents: readonly AgentPart[], behaviour: Behaviour): Asker {
  return classByClient(client, agents) ?? classByAgents(agents) ?? classByBehaviour(behaviour);
}

/** Returns null if the client has no class and was not identified by a key. */
export function classByClient(client: AskingClient, agents: readonly AgentPart[]): Asker | null {
  const registered = client.class ?? (client.by === 'key' ? 'developer' : null);
  if (registered === null) return null;
  const [strictest] = agents;
  const { agent = null, verdict = null } = strictest ?? {};
  const evidence = client.by === 'agent' && strictest !== undefined ? strictest.evidence : 'credential';
  return { class: registered, agent, verdict, evidence };
}

/** Returns null if no agent is claimed or proven. */
export function classByAgents(agents: readonly AgentPart[]): Asker | null {
  const [strictest] = agents;
  if (strictest === undefined) return null;
  const { agent, verdict, evidence } = strictest;
  if (verdict === 'forged') return { class: 'forged', agent, verdict, evidence };
  const asker = { class: strictest.class, agent, verdict, evidence };
  const isProven = agents.every((part) => part.verdict === 'verified');
  return isProven || asker.class === 'unknown' ? asker : { ...asker, alsoAs: 'unknown' };
}

export function classByBehaviour({ isLikeBrowser, isLikePerson }: Behaviour): Asker {
  return isLikeBrowser && isLikePerson ? HUMAN : UNKNOWN;
}
