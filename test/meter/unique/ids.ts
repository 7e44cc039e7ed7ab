/** Ids of posts as usage carries them, made by the hash that counting uses. */

import { PostId } from '../../../src/count/post-id.ts';

/** High and low half of each id's hash by turns. */
export function idsOf(names: Iterable<string | number>): Uint32Array {
  const id = new PostId();
  const words: number[] = [];
  for (const name of names) {
    id.readText(String(name));
    words.push(id.high, id.low);
  }
  return Uint32Array.from(words);
}
