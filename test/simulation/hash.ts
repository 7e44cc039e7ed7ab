/**
 * Replaces SHA-256 in the ledger of a simulation. It distinguishes contents as well against accidental collisions, and
 * is ten times faster.
 */

import type { Sha256 } from '../../src/meter/chain/leaves.ts';

const WORDS = 8;

/** FNV-1a in eight lanes with a seed each. */
export const quickHash: Sha256 = (bytes) => {
  const lanes = new Uint32Array(WORDS);
  for (let lane = 0; lane < WORDS; lane++) lanes[lane] = 0x811c9dc5 + lane;
  for (let at = 0; at < bytes.length; at++) {
    const lane = at % WORDS;
    lanes[lane] = Math.imul(lanes[lane]! ^ bytes[at]!, 0x01000193);
  }
  let before = bytes.length;
  for (let lane = 0; lane < 3 * WORDS; lane++) {
    before = Math.imul(lanes[lane % WORDS]! ^ before ^ (before >>> 15), 0x85ebca6b);
    lanes[lane % WORDS] = before;
  }
  return new Uint8Array(lanes.buffer);
};
