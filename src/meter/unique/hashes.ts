/** Hashes of post ids as sorted sets of 64-bit numbers, made from the pairs in which usage carries them. */

/** Where the low half of a 64-bit number stands in its two 32-bit words, in the byte order of this machine. */
const LOW_WORD = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;

/** The different hashes of ids in `parts` (high and low half by turns, as in `Usage.ids`), ascending. */
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

/** The different ones of several sets, ascending. */
export function union(sets: readonly BigUint64Array[]): BigUint64Array<ArrayBuffer> {
  const all = new BigUint64Array(sets.reduce((sum, set) => sum + set.length, 0));
  let at = 0;
  for (const set of sets) {
    all.set(set, at);
    at += set.length;
  }
  return sortedSet(all);
}

/** Both halves of each hash, by turns: the low one first. */
export function halvesOf(hashes: BigUint64Array): (at: number, half: 'low' | 'high') => number {
  const words = new Uint32Array(hashes.buffer, hashes.byteOffset, hashes.length * 2);
  return (at, half) => words[2 * at + (half === 'low' ? LOW_WORD : 1 - LOW_WORD)]!;
}

/** In place. Native sort: 37,000 hashes, a quarter second of a busy gateway, in 4 ms. */
function sortedSet(hashes: BigUint64Array<ArrayBuffer>): BigUint64Array<ArrayBuffer> {
  hashes.sort();
  let length = 0;
  for (let at = 0; at < hashes.length; at++) {
    if (at === 0 || hashes[at] !== hashes[at - 1]) hashes[length++] = hashes[at]!;
  }
  return hashes.subarray(0, length);
}
