/** Adds up runs of journal records: into a batch for the ledger, and into posts per client for the window. */

import type { JournalRecord, UsageBatch, WindowAdd } from './port.ts';
import type { Usage } from './usage.ts';

/** `records` must be consecutive and not empty. */
export function batchOf(journalId: string, records: readonly JournalRecord[]): UsageBatch {
  const gaps = records.flatMap(({ gap }) => gap ?? []);
  const configurations = records.flatMap(({ sequence, configuration }) =>
    configuration === undefined ? [] : { sequence, ...configuration },
  );
  return {
    journalId,
    firstSequence: records[0]!.sequence,
    lastSequence: records.at(-1)!.sequence,
    usage: addUp(records.flatMap((record) => record.usage)),
    ...(gaps.length > 0 && { gaps }),
    ...(configurations.length > 0 && { configurations }),
  };
}

/** One usage per (client, identifier, bucket), in the order of first appearance. */
export function addUp(usages: readonly Usage[]): Usage[] {
  const sums = new Map<string, { usage: Usage; ids: Uint32Array[] }>();
  for (const { ids, ...usage } of usages) {
    const key = JSON.stringify([usage.clientId, usage.identifierId, usage.bucketMs]);
    let sum = sums.get(key);
    if (sum === undefined) {
      sum = { usage, ids: [] };
      sums.set(key, sum);
    } else {
      sum.usage = plus(sum.usage, usage);
    }
    if (ids !== undefined) sum.ids.push(ids);
  }
  // Joined once: thousands of records may hold ids of one client and bucket.
  return Array.from(sums.values(), ({ usage, ids }) =>
    ids.length === 0 ? usage : { ...usage, ids: joined(ids) },
  );
}

/** Two usages of the same identifier and bucket as one. */
export function plus(a: Usage, b: Usage): Usage {
  const sum = {
    clientId: a.clientId,
    identifierId: a.identifierId,
    bucketMs: a.bucketMs,
    posts: a.posts + b.posts,
    requests: a.requests + b.requests,
    refused: a.refused + b.refused,
    bytes: a.bytes + b.bytes,
    uncounted: a.uncounted + b.uncounted,
  };
  if (a.ids === undefined && b.ids === undefined) return sum;
  const ids = a.ids === undefined || b.ids === undefined ? (a.ids ?? b.ids!) : joined([a.ids, b.ids]);
  return { ...sum, ids };
}

function joined(parts: readonly Uint32Array[]): Uint32Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
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
