/** The ids in a batch of usage, by client, UTC day and bucket, which the ledger merges into its own. */

import type { Usage } from '../usage.ts';
import { hashesOf } from './hashes.ts';

const DAY_MS = 86_400_000;

/** Posts of one client with a known id, in one bucket. */
export interface PostIdBucket {
  readonly bucketMs: number;
  /** Deliveries, including repeats. */
  readonly identified: number;
  /** The distinct hashes, ascending. */
  readonly hashes: BigUint64Array;
}

export interface PostIdDay {
  readonly clientId: string;
  /** Start of the UTC day, epoch milliseconds. */
  readonly dayMs: number;
  readonly buckets: readonly PostIdBucket[];
}

/** Start of the UTC day that contains `atMs`. */
export function dayOf(atMs: number): number {
  return Math.floor(atMs / DAY_MS) * DAY_MS;
}

/** The days with identified posts, ordered by client (by UTF-16 code units) and day. */
export function postIdDays(usage: readonly Usage[]): PostIdDay[] {
  const days = new Map<string, { clientId: string; dayMs: number; ids: Map<number, Uint32Array[]> }>();
  for (const { clientId, bucketMs, ids } of usage) {
    if (ids === undefined || ids.length === 0) continue;
    const dayMs = dayOf(bucketMs);
    const key = `${dayMs} ${clientId}`;
    let day = days.get(key);
    if (day === undefined) {
      day = { clientId, dayMs, ids: new Map() };
      days.set(key, day);
    }
    const parts = day.ids.get(bucketMs);
    if (parts === undefined) day.ids.set(bucketMs, [ids]);
    else parts.push(ids);
  }
  return Array.from(days.values(), ({ clientId, dayMs, ids }) => ({
    clientId,
    dayMs,
    buckets: Array.from(ids, ([bucketMs, parts]) => ({
      bucketMs,
      identified: parts.reduce((sum, part) => sum + part.length / 2, 0),
      hashes: hashesOf(parts),
    })),
  })).sort(inOrder);
}

function inOrder(a: PostIdDay, b: PostIdDay): number {
  if (a.clientId !== b.clientId) return a.clientId < b.clientId ? -1 : 1;
  return a.dayMs - b.dayMs;
}
