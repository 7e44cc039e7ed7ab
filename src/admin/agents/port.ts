/** The port of agents in the admin API: the catalogue, what is known of its lists and directories, and verdicts. */

import type { Address } from '../../identify/address.ts';
import type { AgentCheck } from '../../identify/agents/explain.ts';
import type { CatalogueAgent } from '../../identify/asker/port.ts';
import type { AgentList } from '../../identify/ranges/agent-list.ts';
import type { ReverseVerdict, SHARED_RESULTS } from '../../identify/reverse-dns/port.ts';
import type { Actor, Page, PageRequest } from '../port.ts';

export interface AddressVerdictRecord extends Omit<ReverseVerdict, 'result'> {
  readonly address: string;
  readonly result: (typeof SHARED_RESULTS)[number];
}

export interface VerdictPages {
  /** The verdicts of reverse DNS for one agent, newest first. */
  verdicts(agent: string, page: PageRequest): Promise<Page<AddressVerdictRecord>>;
}

/** The published keys of a signer, as they were last fetched. */
export interface SignerDirectoryRecord {
  readonly url: string;
  readonly fetchedAtMs: number | null;
  readonly freshUntilMs: number | null;
  readonly failure: string | null;
  /** Failures in a row. */
  readonly failures: number;
  readonly triedAtMs: number;
}

export interface KnownAgents {
  readonly lists: readonly AgentList[];
  /** At most 1,000, those that were tried last. */
  readonly directories: readonly SignerDirectoryRecord[];
  /** Whether this process fetches nothing and asks no DNS. */
  readonly isOffline: boolean;
}

export interface AgentDesk extends VerdictPages {
  /** The agents of the catalogue. */
  readonly catalogue: readonly CatalogueAgent[];
  known(): Promise<KnownAgents>;
  /**
   * Fetches lists: those whose last attempt failed, and those that were last fetched more than an hour ago. Returns their
   * new state, or null if this process is offline.
   * @param mayChange accepts lists whose size differs greatly from the last good ones.
   */
  refresh(mayChange: boolean, who: Actor): Promise<readonly AgentList[] | null>;
  /** Checks a claim now, step by step. */
  check(address: Address, agent: CatalogueAgent): Promise<AgentCheck>;
}
