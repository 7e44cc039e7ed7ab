/**
 * The content of a batch as it is hashed and stored: one leaf per client and identifier, as canonical JSON. Each
 * leaf is hashed with its own key, so that the leaves of one client can be shown to a court while the hashes of the
 * others reveal nothing, not even by guessing their few digits.
 */

import type { Usage } from '../usage.ts';
import { addUp } from '../usage-sums.ts';

/** SHA-256, passed in because its library differs by runtime. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** bucketMs, posts, requests, refused, bytes, uncounted. */
export type LeafRow = readonly [number, number, number, number, number, number];

/** The usage of one identifier in a batch: client, identifier, rows sorted by bucket, each bucket once. */
export type Leaf = readonly [string, string, readonly LeafRow[]];

/** Returns the leaves of usage in any order, sorted by client and identifier. Post ids are not part of them. */
export function leavesOf(usage: readonly Usage[]): Leaf[] {
  const leaves = new Map<string, { clientId: string; identifierId: string; rows: LeafRow[] }>();
  for (const one of addUp(usage.map(({ ids, ...figures }) => figures))) {
    const { clientId, identifierId } = one;
    const key = JSON.stringify([clientId, identifierId]);
    const leaf = leaves.get(key) ?? { clientId, identifierId, rows: [] };
    leaf.rows.push([one.bucketMs, one.posts, one.requests, one.refused, one.bytes, one.uncounted]);
    leaves.set(key, leaf);
  }
  return [...leaves.values()]
    .map(({ clientId, identifierId, rows }): Leaf => [clientId, identifierId, rows.sort(byBucket)])
    .sort(byName);
}

/** Returns the usage of leaves. */
export function usageOf(leaves: readonly Leaf[]): Usage[] {
  return leaves.flatMap(([clientId, identifierId, rows]) =>
    rows.map(([bucketMs, posts, requests, refused, bytes, uncounted]) => ({
      ...{ clientId, identifierId, bucketMs },
      ...{ posts, requests, refused, bytes, uncounted },
    })),
  );
}

/** The stored form. `parseContent` reads it back, and no other text parses to the same leaves. */
export function contentOf(leaves: readonly Leaf[]): string {
  return JSON.stringify(leaves);
}

/** Returns null for text that is not canonical content. */
export function parseContent(text: string): readonly Leaf[] | null {
  let leaves: unknown;
  try {
    leaves = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(leaves) || !leaves.every(isLeaf)) return null;
  return contentOf(leavesOf(usageOf(leaves))) === text ? leaves : null;
}

function isLeaf(value: unknown): value is Leaf {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [clientId, identifierId, rows] = value;
  return typeof clientId === 'string' && typeof identifierId === 'string' && isRows(rows);
}

function isRows(rows: unknown): rows is readonly LeafRow[] {
  if (!Array.isArray(rows)) return false;
  return rows.every((row) => Array.isArray(row) && row.length === 6 && row.every(Number.isSafeInteger));
}

const text = new TextEncoder();

/** The key of a leaf's hash. It cannot be derived without the batch's salt (16 random bytes). */
export function leafKey(salt: Uint8Array, [clientId, identifierId]: Leaf, sha256: Sha256): Uint8Array {
  return sha256(joined(salt, text.encode(JSON.stringify([clientId, identifierId]))));
}

/** SHA-256(0x00, key, JSON of the leaf): RFC 9162, section 2.1.1, with a key. */
export function leafHash(key: Uint8Array, leaf: Leaf, sha256: Sha256): Uint8Array {
  return sha256(joined(Uint8Array.of(0), key, text.encode(JSON.stringify(leaf))));
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function byBucket(a: LeafRow, b: LeafRow): number {
  return a[0] - b[0];
}

/** Compares code units, so that the order is the same on every machine. */
function byName(a: Leaf, b: Leaf): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  return a[1] < b[1] ? -1 : 1;
}
