/** An in-memory ledger for metering tests. It bills nothing. */

import type { Usage } from '../../src/meter/usage.ts';
import { FOUR_EYES } from '../../src/proposal/four-eyes.ts';
import { MemoryLedger, type MemoryLedgerOptions } from '../support/memory-ledger/ledger.ts';

export function meteringLedger(options: Omit<MemoryLedgerOptions, 'rules'> = {}): MemoryLedger {
  return new MemoryLedger({
    ...options,
    rules: { bucketSeconds: 60, latenessMs: 0, approval: 'manual', fourEyes: FOUR_EYES },
  });
}

/** All added usage, one row for each client, identifier and bucket. */
export function usageIn({ state }: MemoryLedger): Usage[] {
  return [...state.usage.values()].flatMap((rows) => [...rows.values()]);
}

export function postsIn(ledger: MemoryLedger): number {
  return usageIn(ledger).reduce((sum, { posts }) => sum + posts, 0);
}
