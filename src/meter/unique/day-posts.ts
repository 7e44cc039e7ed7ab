/**
 * The unique posts of one client and UTC day, as stored in the ledger: the exact set of their hashes while it is
 * small, then a HyperLogLog. The result depends only on the posts, not on the order or batching of their arrival.
 */

import { union } from './hashes.ts';
import { addToSketch, emptySketch, estimateOf, type Sketch } from './sketch.ts';

/** Up to this number the count is exact. A set of this many hashes is 32 KiB, the sketch after it 16 KiB. */
export const MAX_EXACT_POSTS = 4096;

export type DayPosts =
  | { readonly isExact: true /** Ascending. */; readonly hashes: BigUint64Array }
  | { readonly isExact: false; readonly sketch: Sketch };

export const NO_POSTS: DayPosts = { isExact: true, hashes: new BigUint64Array() };

/** Adds hashes. Returns `before` itself if none of them changes it. */
export function withPosts(before: DayPosts, hashes: BigUint64Array): DayPosts {
  if (!before.isExact) return withSketched(before, hashes);
  const all = union([before.hashes, hashes]);
  if (all.length === before.hashes.length) return before;
  if (all.length <= MAX_EXACT_POSTS) return { isExact: true, hashes: all };
  const sketch = emptySketch();
  addToSketch(sketch, all);
  return { isExact: false, sketch };
}

function withSketched(before: DayPosts & { isExact: false }, hashes: BigUint64Array): DayPosts {
  const sketch = before.sketch.slice();
  addToSketch(sketch, hashes);
  return sketch.every((rank, register) => rank === before.sketch[register])
    ? before
    : { isExact: false, sketch };
}

/** The number of unique posts: exact, or an estimate with `STANDARD_ERROR`. */
export function countOf(day: DayPosts): number {
  return day.isExact ? day.hashes.length : estimateOf(day.sketch);
}

/** The ledger's form: 8 bytes per hash, big-endian, or the registers. */
export function toBytes(day: DayPosts): Uint8Array {
  if (!day.isExact) return day.sketch;
  const bytes = new Uint8Array(day.hashes.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [at, hash] of day.hashes.entries()) view.setBigUint64(at * 8, hash);
  return bytes;
}

/** Parses the result of `toBytes`. */
export function fromBytes(bytes: Uint8Array, isExact: boolean): DayPosts {
  if (!isExact) return { isExact: false, sketch: Uint8Array.from(bytes) };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const hashes = new BigUint64Array(bytes.byteLength / 8);
  for (let at = 0; at < hashes.length; at++) hashes[at] = view.getBigUint64(at * 8);
  return { isExact: true, hashes };
}
