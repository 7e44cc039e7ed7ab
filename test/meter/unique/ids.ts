/** Ids of posts as usage contains them, made by the hash of the counters. */

import { PostId } from '../../../src/count/post-id.ts';

/** Alternates the high and low half of each id's hash. */
export function idsOf(names: Iterable<string | number>): Uint32Array {
  const id = new PostId();
  const words: number[] = [];
  for (const name of names) {
    id.readText(String(name));
    words.push(id.high, id.low);
  }
  return Uint32Array.from(words);
}
