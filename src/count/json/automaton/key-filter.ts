/**
 * Key filter: names for which the skipper looks while it skips a container. It stops at each string that may be one
 * of them. It never misses a name, however the name is escaped.
 */

import { BACKSLASH, QUOTE } from '../bytes.ts';

/** A place with more names has no key filter. */
const MAX_NAMES = 8;
/** Number of bytes of a string that are compared, including the opening quote. */
const PATTERN_BYTES = 4;
/** Each name has at most 3 patterns; all names share one more. */
const MAX_PATTERNS = 1 + 3 * MAX_NAMES;
const HEAD_WORDS = 4;

/** The start of a \u00.. escape, the only way to escape characters of plain names. */
const ESCAPE = [BACKSLASH, 0x75, 0x30, 0x30];
/** Printable ASCII without quote, slash and backslash, which have other escapes. */
const PLAIN_NAME = /^[ !#-.0-[\]-~]*$/;

const decoder = new TextDecoder();

export class KeyFilter {
  /**
   * The filter in the memory layout of the WebAssembly module: 64 bits for the bytes (by their lower six bits) that
   * may follow the opening quote, the number of patterns, an unused word, and the patterns: a value and the mask of
   * its bytes.
   */
  readonly words = new Int32Array(HEAD_WORDS + 2 * MAX_PATTERNS);

  /** @param names that `keyFilterFor` accepts. */
  constructor(names: readonly Uint8Array[]) {
    const starts = new Map<string, readonly number[]>();
    for (const name of names) {
      const whole = [QUOTE, ...name, QUOTE];
      // The whole name, or its part before the first escape.
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

  /** Whether the string that opens at `quote` may be one of the names. True if the chunk cuts it. */
  mayMatch(chunk: Uint8Array, quote: number): boolean {
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

/** Null if there are no names, too many, or one that can be escaped in too many ways. */
export function keyFilterFor(names: readonly Uint8Array[]): KeyFilter | null {
  if (names.length === 0 || names.length > MAX_NAMES) return null;
  if (names.some((name) => !PLAIN_NAME.test(decoder.decode(name)))) return null;
  return new KeyFilter(names);
}

/** Four bytes as one number, little endian. */
function wordOf(bytes: readonly number[]): number {
  return bytes.reduce((word, byte, index) => word | (byte << (8 * index)), 0);
}
