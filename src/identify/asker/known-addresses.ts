/** Remembers parsed addresses, with the operators of agents whose published ranges contain them. */

import { LRUCache } from 'lru-cache';
import { type Address, parseAddress } from '../address.ts';
import type { Catalogue } from './catalogue/catalogue.ts';
import type { AgentFacts } from './evidence.ts';
import type { AgentKnowledge } from './port.ts';

export interface KnownAddress {
  readonly address: Address;
  readonly operators: AgentFacts['operators'];
  readonly untilMs: number;
}

const CACHED = 10_000;
/** Lists of ranges change once a day. */
const KEPT_MS = 10_000;
const NO_ADDRESS: Address = { text: 'unknown', bytes: [0, 0, 0, 0] };
const NO_OPERATORS: AgentFacts['operators'] = new Map();

/** Creates the look-up by the canonical text of an address. A text that is not an address is in no range. */
export function knownAddresses(
  knowledge: Pick<AgentKnowledge, 'operatorsOf'>,
  catalogue: Pick<Catalogue, 'ofOperator'>,
): (text: string, nowMs: number) => KnownAddress {
  const addresses = new LRUCache<string, KnownAddress>({ max: CACHED });
  const operatorsAt = (address: Address, nowMs: number): AgentFacts['operators'] => {
    const operators = knowledge.operatorsOf(address, nowMs);
    if (operators.length === 0) return NO_OPERATORS;
    return new Map(operators.map((operator) => [operator, catalogue.ofOperator(operator)]));
  };
  return (text, nowMs) => {
    const known = addresses.get(text);
    if (known !== undefined && nowMs < known.untilMs && nowMs >= known.untilMs - KEPT_MS) return known;
    const address = parseAddress(text);
    const found =
      address === null
        ? { address: NO_ADDRESS, operators: NO_OPERATORS, untilMs: nowMs + KEPT_MS }
        : { address, operators: operatorsAt(address, nowMs), untilMs: nowMs + KEPT_MS };
    addresses.set(text, found);
    return found;
  };
}
