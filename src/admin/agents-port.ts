/** The port of agents in the admin API: the catalogue, what is known of its lists and directories, and verdicts. */

import type { AgentCheck } from '../identify/agents/explain.ts';
import type { CatalogueAgent } from '../identify/asker/port.ts';
import type { AgentList } from '../identify/ranges/agent-list.ts';
import type { ReverseVerdict, SHARED_RESULTS } from '../identify/reverse-dns/port.ts';
import type { Page, PageRequest } from './port.ts';

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
  readonly agents: readonly CatalogueAgent[];
  readonly lists: readonly AgentList[];
  /** At most 1,000, those that were tried last. */
  readonly directories: readonly SignerDirectoryRecord[];
  /** Whether this process fetches nothing and asks no DNS. */
  readonly isOffline: boolean;
}

export interface AgentDesk extends VerdictPages {
  known(): Promise<KnownAgents>;
  /**
   * Fetches the lists that are due or failed, and returns them. A list that was fetched within the last hour is not
   * fetched again.
   * @param mayChange accepts lists whose size differs greatly from the last good ones.
   */
  refresh(mayChange: boolean): Promise<readonly AgentList[]>;
  /** Checks a claim now, step by step. Null if the catalogue has no such agent. */
  check(address: string, token: string): Promise<AgentCheck | null>;
}
