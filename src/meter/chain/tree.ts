/**
 * A Merkle tree over the leaves of a batch (RFC 9162, section 2.1): its root, and the proof that it contains a
 * leaf.
 */

import { joined, type Sha256 } from './leaves.ts';

/** The root of the leaves' hashes. Without leaves it is the hash of the empty string. */
export function rootOf(leaves: readonly Uint8Array[], sha256: Sha256): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array(0));
  if (leaves.length === 1) return leaves[0]!;
  const split = splitOf(leaves.length);
  return nodeOf(rootOf(leaves.slice(0, split), sha256), rootOf(leaves.slice(split), sha256), sha256);
}

/** The sibling hashes on the path from leaf `index` to the root, lowest first. */
export function proofOf(leaves: readonly Uint8Array[], index: number, sha256: Sha256): Uint8Array[] {
  if (leaves.length <= 1) return [];
  const split = splitOf(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split
    ? [...proofOf(left, index, sha256), rootOf(right, sha256)]
    : [...proofOf(right, index - split, sha256), rootOf(left, sha256)];
}

/** The root that a leaf's hash and its proof lead to; null if the proof does not fit `index` and `size`. */
export function rootFrom(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  sha256: Sha256,
): Uint8Array | null {
  if (index < 0 || index >= size) return null;
  if (size === 1) return proof.length === 0 ? leaf : null;
  const beside = proof.at(-1);
  if (beside === undefined) return null;
  const split = splitOf(size);
  const below = proof.slice(0, -1);
  const isLeft = index < split;
  const root = isLeft
    ? rootFrom(leaf, index, split, below, sha256)
    : rootFrom(leaf, index - split, size - split, below, sha256);
  if (root === null) return null;
  return isLeft ? nodeOf(root, beside, sha256) : nodeOf(beside, root, sha256);
}

function nodeOf(left: Uint8Array, right: Uint8Array, sha256: Sha256): Uint8Array {
  return sha256(joined(Uint8Array.of(1), left, right));
}

/** The largest power of two below `size`. */
function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}
