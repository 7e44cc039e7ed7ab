/**
 * Names that the skipper watches for while it passes over a container: it stops at each string that may be one of
 * them, and what it does not stop at is none of them, however it is written.
 */

import { BACKSLASH, QUOTE } from './bytes.ts';

/** More names than that are not watched for. */
const MAX_NAMES = 8;
/** Of a string so many bytes are looked at, the opening quote included. */
const PATTERN_BYTES = 4;
/** Each name has 3 patterns at most, and one is for all. */
const MAX_PATTERNS = 1 + 3 * MAX_NAMES;
const HEAD_WORDS = 4;

/** How any character may be written in JSON; those of plain names in no other way. */
const ESCAPE = [BACKSLASH, 0x75, 0x30, 0x30];
/** Printable ASCII without quote, slash and backslash, which have escapes of their own. */
const PLAIN_NAME = /^[ !#-.0-[\]-~]*$/;

const decoder = new TextDecoder();

export class Watch {
  /**
   * As the WebAssembly module reads it: 64 bits that say which bytes (by their lower six bits) may follow the opening
   * quote, the number of patterns, nothing, and the patterns: a value and the mask of the bytes that it is of.
   */
  readonly words = new Int32Array(HEAD_WORDS + 2 * MAX_PATTERNS);

  /** Names as `watchFor` lets them through. */
  constructor(names: readonly Uint8Array[]) {
    const starts = new Map<string, readonly number[]>();
    for (const name of names) {
      const whole = [QUOTE, ...name, QUOTE];
      // The whole name, or what stands before its first escape.
      for (let length = 1; length < Math.min(name.length + 1, PATTERN_BYTES); length++) {
        const escaped = [...whole.slice(0, length), ...ESCAPE].slice(0, PATTERN_BYTES);
        starts.set(escaped.join(), escaped);
      }
      const start = whole.slice(0, PATTERN_BYTES);
      starts.set(start.join(), start);
    }
    this.words[2] = starts.size;
    let at = HEAD_WORDS;
    for (const start of starts.values()) {
      const low = start[1]! & 63;
      this.words[low >> 5]! |= 1 << (low & 31);
      this.words[at++] = wordOf(start);
      this.words[at++] = wordOf(start.map(() => 0xff));
    }
  }

  /** Whether the string that opens at `quote` may be one of the names. One that the chunk cuts may always be. */
  isWatched(chunk: Uint8Array, quote: number): boolean {
    if (quote + PATTERN_BYTES > chunk.length) return true;
    const { words } = this;
    const low = chunk[quote + 1]! & 63;
    if (((words[low >> 5]! >> (low & 31)) & 1) === 0) return false;
    const start =
      chunk[quote]! | (chunk[quote + 1]! << 8) | (chunk[quote + 2]! << 16) | (chunk[quote + 3]! << 24);
    const end = HEAD_WORDS + 2 * words[2]!;
    for (let at = HEAD_WORDS; at < end; at += 2) if ((start & words[at + 1]!) === words[at]!) return true;
    return false;
  }
}

/** Null where there are none, too many, or one that can be written in too many ways. */
export function watchFor(names: readonly Uint8Array[]): Watch | null {
  if (names.length === 0 || names.length > MAX_NAMES) return null;
  if (names.some((name) => !PLAIN_NAME.test(decoder.decode(name)))) return null;
  return new Watch(names);
}

/** Four bytes as one number, the first lowest. */
function wordOf(bytes: readonly number[]): number {
  return bytes.reduce((word, byte, index) => word | (byte << (8 * index)), 0);
}
