/** The knowledge of a gateway that checks nothing: every claim stays a claim, and no signature is read. */

import type { AgentKnowledge, SignatureCheck } from './port.ts';

export const NO_KNOWLEDGE: AgentKnowledge = {
  judge: () => ({ verdict: 'uncheckable', by: null }),
  operatorsOf: () => [],
};

export const NO_SIGNATURES: SignatureCheck = { check: () => null };
