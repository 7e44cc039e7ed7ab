/** The catalogue of agents that Postmeter ships: the checked and the listed ones, and the tokens of robots.txt. */

import type { AgentClass } from '../../../rights/asker.ts';
import type { CatalogueAgent } from '../port.ts';
import { CHECKED_AGENTS } from './checked-agents.ts';
import { LISTED_AGENTS } from './listed-agents.ts';

const NOTHING_PUBLISHED: CatalogueAgent['verify'] = { ranges: [], rdns: [], signatureAgents: [] };

/** An agent whose claims cannot be checked. Its token claims it. */
export function unverifiable(token: string, operator: string, agentClass: AgentClass): CatalogueAgent {
  const verify = NOTHING_PUBLISHED;
  return { token, operator, class: agentClass, match: token, verify };
}

/** Their operators crawl under the names of other agents. No request of theirs carries these tokens. */
const ROBOTS_ONLY: readonly CatalogueAgent[] = [
  { ...unverifiable('Google-Extended', 'Google', 'ai_training'), isRobotsOnly: true },
  { ...unverifiable('Applebot-Extended', 'Apple', 'ai_training'), isRobotsOnly: true },
];

const LISTED: readonly CatalogueAgent[] = Object.entries(LISTED_AGENTS).flatMap(([agentClass, operators]) =>
  Object.entries(operators).flatMap(([operator, tokens]) =>
    tokens.map((token) => unverifiable(token, operator, agentClass as AgentClass)),
  ),
);

export const SHIPPED_AGENTS: readonly CatalogueAgent[] = [...CHECKED_AGENTS, ...LISTED, ...ROBOTS_ONLY];
