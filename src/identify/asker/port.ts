/** What classification needs from outside: what is known of agents, and the check of signatures. Nothing here waits. */

import type { AgentClass, AgentVerdict } from '../../rights/asker.ts';
import type { Address } from '../address.ts';
import type { IncomingFacts } from '../incoming-facts.ts';

/** An automated client with a name of its own. */
export interface CatalogueAgent {
  /** The product token, as in robots.txt: `GPTBot`. */
  readonly token: string;
  /** Empty if it is not known. */
  readonly operator: string;
  /** The class of its proven requests. */
  readonly class: AgentClass;
  /** True if the token exists in robots.txt only. A request that carries it is forged. */
  readonly isRobotsOnly?: boolean;
  /** Literal that claims the agent in a User-Agent, compared without case on word edges. */
  readonly match: string;
  readonly verify: {
    /** URLs of published lists of address ranges. */
    readonly ranges: readonly string[];
    /** Suffixes of names that reverse DNS may return: `.googlebot.com`. */
    readonly rdns: readonly string[];
    /** Web Bot Auth: the URLs that sign for the agent. */
    readonly signatureAgents: readonly string[];
  };
}

export interface AddressVerdict {
  readonly verdict: AgentVerdict;
  /** What proves it; null unless it is `verified`. */
  readonly by: 'range' | 'reverse_dns' | null;
}

export interface AgentKnowledge {
  /** Judges a claim by the address. What is not known is asked for behind the request, and `pending` until then. */
  judge(address: Address, agent: CatalogueAgent, nowMs: number): AddressVerdict;
  /** Operators whose published ranges contain the address. A range proves the operator, not the agent. */
  operatorsOf(address: Address, nowMs: number): readonly string[];
}

/** The parts of a request that a signature can cover (RFC 9421). */
export interface SignedFacts extends Pick<IncomingFacts, 'method' | 'target' | 'host' | 'headers'> {
  /** Whether the client used https, by the peer or a trusted proxy's word. */
  readonly secure: boolean;
  readonly address: Address;
  readonly nowMs: number;
}

export interface SignatureOutcome {
  /** The URL that names the signer; empty if it could not be read. */
  readonly signer: string;
  readonly outcome: 'verified' | 'invalid' | 'unverified';
  /** `weak`: verified, but the signature can be replayed on other paths or from other networks. */
  readonly grade: 'bound' | 'weak';
  /** Stable code of the reason, for the log and metrics; null if verified and bound. */
  readonly reason: string | null;
}

export interface SignatureCheck {
  /** Null if the request carries no signature with the tag `web-bot-auth`. */
  check(request: SignedFacts): SignatureOutcome | null;
}
