/** Turns runs of journal records into a batch for the ledger, and into posts per client for the window. */

import type { JournalRecord, UsageBatch, WindowAdd } from './port.ts';
import { addUp } from './usage-sums.ts';

/** `records` must be consecutive and not empty. */
export function batchOf(journalId: string, records: readonly JournalRecord[]): UsageBatch {
  const gaps = records.flatMap(({ gap }) => gap ?? []);
  const configurations = records.flatMap(({ sequence, configuration }) =>
    configuration === undefined ? [] : { sequence, ...configuration },
  );
  const epochs = records.flatMap(({ sequence, epoch }) =>
    epoch === undefined ? [] : { sequence, ...epoch },
  );
  return {
    journalId,
    firstSequence: records[0]!.sequence,
    lastSequence: records.at(-1)!.sequence,
    usage: addUp(records.flatMap((record) => record.usage)),
    ...(gaps.length > 0 && { gaps }),
    ...(configurations.length > 0 && { configurations }),
    ...(epochs.length > 0 && { epochs }),
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
