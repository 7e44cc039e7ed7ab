/** Hashes of post ids as sorted sets of 64-bit numbers, made from the pairs of halves in usage. */

/** Index of the low half of a 64-bit number in its two 32-bit words, in this machine's byte order. */
const LOW_WORD = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;

/** The distinct hashes of ids in `parts` (alternating high and low half, as in `Usage.ids`), ascending. */
export function hashesOf(parts: readonly Uint32Array[]): BigUint64Array<ArrayBuffer> {
  const words = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    for (let pair = 0; pair < part.length; pair += 2, at += 2) {
      words[at + 1 - LOW_WORD] = part[pair]!;
      words[at + LOW_WORD] = part[pair + 1]!;
    }
  }
  return sortedSet(new BigUint64Array(words.buffer));
}

/** The distinct hashes of several sets, ascending. */
export function union(sets: readonly BigUint64Array[]): BigUint64Array<ArrayBuffer> {
  const all = new BigUint64Array(sets.reduce((sum, set) => sum + set.length, 0));
  let at = 0;
  for (const set of sets) {
    all.set(set, at);
    at += set.length;
  }
  return sortedSet(all);
}

/** Returns a reader of the low and high half of each hash. */
export function halvesOf(hashes: BigUint64Array): (at: number, half: 'low' | 'high') => number {
  const words = new Uint32Array(hashes.buffer, hashes.byteOffset, hashes.length * 2);
  return (at, half) => words[2 * at + (half === 'low' ? LOW_WORD : 1 - LOW_WORD)]!;
}

/** Sorts in place. The native sort takes 4 ms for 37,000 hashes, a quarter second of a busy gateway. */
function sortedSet(hashes: BigUint64Array<ArrayBuffer>): BigUint64Array<ArrayBuffer> {
  hashes.sort();
  let length = 0;
  for (let at = 0; at < hashes.length; at++) {
    if (at === 0 || hashes[at] !== hashes[at - 1]) hashes[length++] = hashes[at]!;
  }
  return hashes.subarray(0, length);
}
