/** What reverse DNS needs from outside: queries, and the verdicts in the ledger, which all processes share. */

import type { Address } from '../address.ts';
import type { CatalogueAgent } from '../asker/port.ts';

export interface DnsQueries {
  /** The names of an address; empty if the zone has none. Rejects if no server answers. */
  names(address: Address): Promise<readonly string[]>;
  /** The addresses of a name; empty if there are none. Rejects if no server answers. */
  addresses(name: string, family: 4 | 6): Promise<readonly string[]>;
}

/** The results that processes share. An error is not shared, because another process may get an answer. */
export const SHARED_RESULTS = ['verified', 'denied'] as const;
/** `error`: a query got no answer, which proves nothing. */
export type ReverseResult = (typeof SHARED_RESULTS)[number] | 'error';

export interface ReverseFinding {
  readonly result: ReverseResult;
  /** The name that confirms the address, or those that do not. At most four. */
  readonly names: readonly string[];
}

export interface ReverseVerdict extends ReverseFinding {
  readonly checkedAtMs: number;
  readonly untilMs: number;
}

/** Confirms an address within 6 s. Never rejects. */
export type ReverseDns = (address: Address, suffixes: readonly string[]) => Promise<ReverseFinding>;

export interface VerdictStore {
  /** The verdict that still holds; null if there is none. */
  find(address: string, agent: string, nowMs: number): Promise<ReverseVerdict | null>;
  /** An error is not stored. */
  save(address: string, agent: string, verdict: ReverseVerdict): Promise<void>;
  /** Deletes verdicts that ended before `beforeMs`, because addresses are personal data. */
  tidy(beforeMs: number): Promise<void>;
}

/** Finds the verdict for an address that claims an agent: in the ledger, or by DNS. */
export type FindVerdict = (address: Address, agent: CatalogueAgent) => Promise<ReverseVerdict>;
