/** The asker of a request: the class that decides what it may have, and the evidence for it. */

export const ASKER_CLASSES = [
  'first_party',
  'human',
  'search',
  'user_fetch',
  'ai_input',
  'ai_training',
  'archive',
  'partner',
  'developer',
  'unknown',
  'forged',
] as const;
export type AskerClass = (typeof ASKER_CLASSES)[number];

/** The classes that an agent of the catalogue can have, the strictest first. */
export const AGENT_CLASSES = [
  'ai_training',
  'ai_input',
  'archive',
  'search',
  'user_fetch',
  'unknown',
] as const satisfies readonly AskerClass[];
export type AgentClass = (typeof AGENT_CLASSES)[number];

/** The classes that an operator can give to a client. The others follow from evidence. */
export const CLIENT_CLASSES = [
  'first_party',
  'partner',
  'developer',
  'search',
  'user_fetch',
  'ai_input',
  'ai_training',
  'archive',
] as const satisfies readonly AskerClass[];
export type ClientClass = (typeof CLIENT_CLASSES)[number];

/**
 * What checking a claimed agent found. `pending`: something that decides is not known yet. `uncheckable`: the operator
 * of the agent publishes nothing that could be checked.
 */
export const VERDICTS = ['verified', 'forged', 'pending', 'uncheckable'] as const;
export type AgentVerdict = (typeof VERDICTS)[number];

/**
 * What the class follows from. The first five are proofs; a claim can only restrict. `cloudflare`: Cloudflare has verified
 * a bot of the claimed class.
 */
export const EVIDENCE = [
  'credential',
  'signature',
  'range',
  'reverse_dns',
  'cloudflare',
  'weak_signature',
  'claim',
  'behaviour',
] as const;
export type AskerEvidence = (typeof EVIDENCE)[number];

export interface Asker {
  readonly class: AskerClass;
  /** A second class, if the asker gets only what both classes may have: a claim that nothing proves. */
  readonly alsoAs?: AskerClass;
  /** Token of the agent in the catalogue, or the URL of a signer that the catalogue does not know; null if none. */
  readonly agent: string | null;
  /**
   * Null if no agent is claimed or proven. `verified` without an agent: the address proves an operator of agents, and
   * the request names none of them.
   */
  readonly verdict: AgentVerdict | null;
  readonly evidence: AskerEvidence;
}
