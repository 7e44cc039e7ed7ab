/** Names of keys in Redis, and the arguments of the scripts over clients. */

import { createHash } from 'node:crypto';
import type { WindowAdd } from '../../meter/port.ts';

export interface WindowKeys {
  readonly client: (clientId: string) => string;
  /** Hash: the store's epoch and the last sequence of each journal. */
  readonly base: string;
  /** Held by the process that rebuilds. */
  readonly claim: string;
  /** Channel on which processes publish totals. Channels are not per database, so the name contains the number. */
  readonly channel: string;
}

/**
 * One hash tag per client, so that all its keys are on one node of a Cluster, and one for the two keys that a
 * rebuild changes together. Braces and percent signs in an id are escaped, so that the tag is the whole id.
 */
export function windowKeys(prefix: string, database: number): WindowKeys {
  return {
    client: (clientId) => `${prefix}{${special.test(clientId) ? escaped(clientId) : clientId}}`,
    base: `${prefix}base:{window}`,
    claim: `${prefix}claim:{window}`,
    channel: `${prefix}totals:${database}`,
  };
}

const special = /[%{}]/;
const escaped = (clientId: string) => clientId.replace(/[%{}]/g, encodeURIComponent);

/** A journal's name in a client's head: 22 characters that encode the 128 bits of a UUID, or of a digest. */
export function shortJournal(journalId: string): string {
  const hex = journalId.replaceAll('-', '');
  if (/^[0-9a-f]{32}$/.test(hex)) return Buffer.from(hex, 'hex').toString('base64url');
  return createHash('sha256').update(journalId).digest('base64url').slice(0, 22);
}

/** A script call blocks the server, with these limits for at most some 2 ms. */
const MAX_CLIENTS = 100;
const MAX_BUCKETS = 2_000;

/** Splits a batch into script calls. In a Cluster each client is a separate call, because it may be on any node. */
export function chunksOf<T>(all: readonly T[], bucketsOf: (one: T) => number, single: boolean): T[][] {
  const chunks: T[][] = [];
  let buckets = 0;
  for (const one of all) {
    const chunk = chunks.at(-1);
    buckets += bucketsOf(one);
    if (single || !chunk || chunk.length === MAX_CLIENTS || buckets > MAX_BUCKETS) {
      chunks.push([one]);
      buckets = bucketsOf(one);
    } else {
      chunk.push(one);
    }
  }
  return chunks;
}

/** The argument of restore.lua per client: its window, and each bucket with its posts, oldest first, in seconds. */
export function specOf(add: WindowAdd): string {
  const posts = add.posts.length > 1 ? [...add.posts].sort((a, b) => a.bucketMs - b.bucketMs) : add.posts;
  let spec = `w${add.windowMs / 1000}`;
  for (const bucket of posts) spec += ` ${bucket.bucketMs / 1000}:${bucket.posts}`;
  return spec;
}

/** The arguments of add.lua. If a client's window and only bucket equal those of the one before, only the posts. */
export function specsOf(adds: readonly WindowAdd[]): Array<string | number> {
  let windowMs = 0;
  let bucketMs = 0;
  return adds.map((add) => {
    const only = add.posts.length === 1 ? add.posts[0]! : undefined;
    if (only && add.windowMs === windowMs && only.bucketMs === bucketMs) return only.posts;
    windowMs = only ? add.windowMs : 0;
    bucketMs = only?.bucketMs ?? 0;
    return specOf(add);
  });
}
