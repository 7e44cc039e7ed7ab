/** Usage ahead of the ledger's clock. It is stored, but its clients are not billed until an operator has looked at it. */

import type { BillingHold, UsageBatch } from './port.ts';

/**
 * Usage further ahead of the ledger's clock than this is not trusted, because a gateway's clock may be minutes off.
 */
const MAX_AHEAD_MS = 3 * 60_000;

/** Returns the holds of the clients with posts too far ahead of `nowMs`, the ledger's clock: one of the clocks is wrong. */
export function futureUsageHolds(
  { journalId, usage }: Pick<UsageBatch, 'journalId' | 'usage'>,
  nowMs: number,
): BillingHold[] {
  const ahead = usage.filter(({ bucketMs, posts }) => posts > 0 && bucketMs > nowMs + MAX_AHEAD_MS);
  if (ahead.length === 0) return [];
  const furthestMs = ahead.reduce((max, { bucketMs }) => Math.max(max, bucketMs), 0);
  const [furthest, now] = [furthestMs, nowMs].map((atMs) => new Date(atMs).toISOString());
  const reason =
    `journal ${journalId} has usage of ${furthest}, although the ledger's clock showed ${now}: ` +
    "one of the two clocks is wrong. Correct that clock, check the client's usage, and release the hold.";
  const clientIds = [...new Set(ahead.map(({ clientId }) => clientId))];
  return clientIds.map((clientId) => ({ clientId, code: 'future_usage', reason }));
}
