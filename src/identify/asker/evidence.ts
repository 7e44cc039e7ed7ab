/** What the evidence of a request says about its agent. A claim can only restrict; a proof can also permit. */

import type { AgentClass, AgentVerdict, AskerEvidence } from '../../rights/asker.ts';
import type { ClaimVerdict } from './bot-category.ts';
import { strictness } from './catalogue/catalogue.ts';
import type { CatalogueAgent, SignatureOutcome } from './port.ts';

export interface AgentFacts {
  /** The agents that the User-Agent claims, with the verdict of the address. */
  readonly claims: ReadonlyArray<{ readonly agent: CatalogueAgent } & ClaimVerdict>;
  /** By operator whose published ranges contain the address: its agents, the strictest first. */
  readonly operators: ReadonlyMap<string, readonly CatalogueAgent[]>;
  /** With the agents for which the signer signs, the strictest first. Null if there is no signature. */
  readonly signature: (SignatureOutcome & { readonly agents: readonly CatalogueAgent[] }) | null;
}

/** One agent of a request, as far as one piece of evidence shows it. */
export interface AgentPart {
  /** Token, or the URL of an unknown signer; null if only the operator is proven. */
  readonly agent: string | null;
  /** Of a signature that verifies. */
  readonly signer: string | null;
  readonly class: AgentClass;
  /** `verified` is a proof for this request; the others are claims. */
  readonly verdict: AgentVerdict;
  readonly evidence: AskerEvidence;
}

/** Returns the agents of a request, the strictest first; forged ones come before all others. */
export function agentParts(facts: AgentFacts): readonly AgentPart[] {
  const signed = signedPart(facts);
  const parts = facts.claims.map((claim) => claimedPart(claim, facts, signed));
  if (signed !== null && facts.claims.every(({ agent }) => agent.token !== signed.agent)) parts.push(signed);
  const named = new Set(facts.claims.map(({ agent }) => agent.operator));
  if (signed !== null) named.add(signed.operator);
  for (const [operator, [strictest]] of facts.operators) {
    // Without a claim we do not know which agent of the operator it is.
    if (strictest === undefined || named.has(operator)) continue;
    const { class: agentClass } = strictest;
    parts.push({ agent: null, signer: null, class: agentClass, verdict: 'verified', evidence: 'range' });
  }
  return parts.sort((a, b) => rank(a) - rank(b));
}

type SignedPart = AgentPart & { readonly operator: string };

function signedPart({ signature, claims, operators }: AgentFacts): SignedPart | null {
  if (signature === null || signature.outcome === 'invalid') return null;
  const { signer, outcome, agents } = signature;
  const claimed = agents.find((agent) => claims.some((claim) => claim.agent === agent));
  // One signer may sign for several agents; the User-Agent picks the agent.
  const agent = claimed ?? agents[0];
  const operator = agent?.operator ?? '';
  const isVerified = outcome === 'verified';
  const isBound = isVerified && (signature.grade === 'bound' || operators.has(operator));
  return {
    agent: agent?.token ?? (signer === '' ? null : signer),
    operator,
    signer: isBound ? signer : null,
    class: agent?.class ?? 'unknown',
    verdict: isBound ? 'verified' : 'pending',
    evidence: isBound ? 'signature' : isVerified ? 'weak_signature' : 'claim',
  };
}

function claimedPart(
  { agent, verdict, by }: AgentFacts['claims'][number],
  { operators }: AgentFacts,
  signed: SignedPart | null,
): AgentPart {
  const part = { agent: agent.token, signer: null, class: agent.class };
  if (agent.isRobotsOnly === true) return { ...part, verdict: 'forged', evidence: 'claim' };
  // A signature or a range proves the operator, and the User-Agent picks the agent.
  const isSigned = signed?.verdict === 'verified' && signed.operator === agent.operator;
  if (isSigned && agent.operator !== '')
    return { ...part, signer: signed.signer, verdict: 'verified', evidence: 'signature' };
  if (operators.has(agent.operator)) return { ...part, verdict: 'verified', evidence: 'range' };
  if (verdict === 'verified') return { ...part, verdict, evidence: by ?? 'range' };
  if (signed !== null && signed.agent === agent.token) return signed;
  return { ...part, verdict, evidence: 'claim' };
}

function rank({ verdict, class: agentClass }: AgentPart): number {
  return verdict === 'forged' ? -1 : strictness(agentClass);
}
