/** The origins of addresses: of a text, and read in place. */

import type { PostId } from '../post-id.ts';
import { sameBytes } from './bytes.ts';

const SLASH = 0x2f;
const QUESTION_MARK = 0x3f;
const NUMBER_SIGN = 0x23;

const SCHEMES = ['https://', 'http://'].map((text) => new TextEncoder().encode(text));
const decoder = new TextDecoder();

/** Reads the origin of the address in `chunk` from `from` to `to`. Returns false if it has none. */
export function readOrigin(id: PostId, chunk: Uint8Array, from: number, to: number): boolean {
  // Parsing a URL takes 1 to 2 µs, as long as counting a whole post.
  const end = plainOriginEnd(chunk, from, to);
  if (end >= 0) {
    id.read(chunk, from, end);
    return true;
  }
  const origin = originOf(decoder.decode(chunk.subarray(from, to)));
  if (origin === undefined) return false;
  id.readText(origin);
  return true;
}

/** The end of an origin in the normal form of the URL Standard; -1 if only a parser can find it. */
function plainOriginEnd(chunk: Uint8Array, from: number, to: number): number {
  const scheme = SCHEMES.find((bytes) => sameBytes(chunk, from, Math.min(from + bytes.length, to), bytes));
  if (scheme === undefined) return -1;
  let at = from + scheme.length;
  while (at < to && isOfPlainHost(chunk[at]!)) at++;
  // A host that ends in a digit may be an IPv4 address in another notation.
  if (!isLetter(chunk[at - 1]!)) return -1;
  const after = chunk[at];
  return at === to || after === SLASH || after === QUESTION_MARK || after === NUMBER_SIGN ? at : -1;
}

function isLetter(byte: number): boolean {
  return byte >= 0x61 && byte <= 0x7a;
}

/** a to z, 0 to 9, `-` and `.` */
function isOfPlainHost(byte: number): boolean {
  return isLetter(byte) || (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2e;
}

/** The origin of a web address (RFC 6454), which identifies its owner; undefined if the text is not http or https. */
export function originOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, origin } = new URL(text);
  return protocol === 'https:' || protocol === 'http:' ? origin : undefined;
}
