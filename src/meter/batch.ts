/** Adds up runs of journal records: into a batch for the ledger, and into posts per client for the window. */

import type { JournalRecord, UsageBatch, WindowAdd } from './port.ts';
import type { Usage } from './usage.ts';

/** `records` are consecutive and at least one. */
export function batchOf(journalId: string, records: readonly JournalRecord[]): UsageBatch {
  return {
    journalId,
    firstSequence: records[0]!.sequence,
    lastSequence: records.at(-1)!.sequence,
    usage: addUp(records.flatMap((record) => record.usage)),
  };
}

/** One usage per (client, identifier, bucket), in the order of first appearance. */
export function addUp(usages: readonly Usage[]): Usage[] {
  const sums = new Map<string, Usage>();
  for (const usage of usages) {
    const key = JSON.stringify([usage.clientId, usage.identifierId, usage.bucketMs]);
    const sum = sums.get(key);
    sums.set(key, sum ? plus(sum, usage) : usage);
  }
  return [...sums.values()];
}

/** Two usages of the same identifier and bucket as one. */
export function plus(a: Usage, b: Usage): Usage {
  return {
    clientId: a.clientId,
    identifierId: a.identifierId,
    bucketMs: a.bucketMs,
    posts: a.posts + b.posts,
    requests: a.requests + b.requests,
    refused: a.refused + b.refused,
    bytes: a.bytes + b.bytes,
    uncounted: a.uncounted + b.uncounted,
  };
}

/** Posts per client and bucket; usage without posts does not change a window and is left out. */
export function windowAdds(
  records: readonly JournalRecord[],
  windowMsOf: (clientId: string) => number,
): WindowAdd[] {
  const clients = new Map<string, Map<number, number>>();
  for (const record of records) {
    for (const { clientId, bucketMs, posts } of record.usage) {
      if (posts === 0) continue;
      const buckets = clients.get(clientId) ?? new Map<number, number>();
      buckets.set(bucketMs, (buckets.get(bucketMs) ?? 0) + posts);
      clients.set(clientId, buckets);
    }
  }
  return [...clients].map(([clientId, buckets]) => ({
    clientId,
    windowMs: windowMsOf(clientId),
    posts: [...buckets].map(([bucketMs, posts]) => ({ bucketMs, posts })),
  }));
}
