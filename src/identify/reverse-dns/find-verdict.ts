/** Finds a verdict in the ledger, or by DNS, and shares it. */

import type { FindVerdict, ReverseDns, VerdictStore } from './port.ts';
import { isDueForRenewal, verdictOf } from './verdict-life.ts';

export interface VerdictSources {
  readonly store: VerdictStore;
  readonly reverseDns: ReverseDns;
  readonly nowMs: () => number;
  /** The ledger could not be read or written. DNS decides without it. */
  readonly onStoreError: (error: unknown) => void;
}

export function verdictFinder({ store, reverseDns, nowMs, onStoreError }: VerdictSources): FindVerdict {
  return async (address, agent) => {
    const stored = await store.find(address.text, agent.token, nowMs()).catch((error: unknown) => {
      onStoreError(error);
      return null;
    });
    if (stored !== null && !isDueForRenewal(stored, nowMs())) return stored;
    const verdict = verdictOf(await reverseDns(address, agent.verify.rdns), nowMs());
    if (verdict.result !== 'error') await store.save(address.text, agent.token, verdict).catch(onStoreError);
    return verdict;
  };
}
