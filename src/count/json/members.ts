/** Members of an object, read in place: whose name stands here, and a fast way past those that nobody looks at. */

import { COLON, COMMA, endOfScalar, endOfShortString, isScalarStart, QUOTE, readScalar } from './bytes.ts';
import type { Names } from './names.ts';

/**
 * Passes members that nobody looks at, written without spaces, up to the first that is more than a short string or
 * a number. The same happens to each by the scanner's states, at a higher price.
 * @param from where a member begins. Returns where the first one begins that was not passed.
 */
export function afterLooseMembers(names: Names, chunk: Uint8Array, from: number): number {
  let at = from;
  while (chunk[at] === QUOTE) {
    const close = endOfShortString(chunk, at + 1);
    if (close < 0 || chunk[close + 1] !== COLON || names.find(chunk, at + 1, close) !== null) break;
    const value = close + 2;
    let end: number;
    if (chunk[value] === QUOTE) {
      end = endOfShortString(chunk, value + 1) + 1;
      if (end === 0) break;
    } else {
      if (!isScalarStart(chunk[value])) break;
      end = endOfScalar(chunk, value);
      if (readScalar(chunk, value, end, false) === undefined) break;
    }
    // Without its comma the member is the last one, or cut.
    if (end + 1 >= chunk.length || chunk[end] !== COMMA || chunk[end + 1] !== QUOTE) break;
    at = end + 1;
  }
  return at;
}
