/**
 * Skips a container or string that no path leads into: the hot loop of counting. It reads only strings and brackets.
 * `PlainSkipper` is the portable implementation.
 */

import type { KeyFilter } from '../automaton/key-filter.ts';
import { BACKSLASH, COMMA, OPEN_OBJECT, QUOTE } from '../bytes.ts';

/** The state of a skip between two chunks. */
export interface SkipState {
  readonly depth: number;
  readonly inString: boolean;
  readonly escaped: boolean;
  /** The opening bytes of the open containers, outermost first, at most `CHECKED_DEPTH`. */
  readonly open: Uint8Array;
  readonly filter: KeyFilter | null;
  /** The depth down to which the key filter applies; 0 without one. */
  readonly filteredDepth: number;
  /** True if started by `startElement`. */
  readonly isElement: boolean;
}

export interface Skipper {
  /** Sets the current chunk. */
  begin(chunk: Uint8Array): void;
  /** Starts inside a container that `openByte` (`{` or `[`) has opened. */
  startContainer(openByte: number): void;
  /**
   * Starts inside an object in a list, and also skips the objects that follow it directly after a comma. It may end
   * before any of them. A list of 100 posts (58 KB) takes one run instead of 100, which saves 8 µs.
   */
  startElement(): void;
  /** Returns the number of objects after that of `startElement` that have started since the last call. */
  takeSiblings(): number;
  /** Like `startContainer`, with a key filter down to `depth`; the container itself has depth 1. */
  startFiltered(openByte: number, filter: KeyFilter, depth: number): void;
  /** Starts inside a string, after its opening quote. */
  startString(): void;
  /**
   * Continues from `at` in the current chunk. Returns the position after the skipped value (`depth` is then 0), or the
   * position of the opening quote of a string that may be a name of the key filter. Returns `MORE` if the chunk ends
   * before either, and `MISMATCH` if a bracket does not match the open one or a backslash occurs outside of strings.
   * After a string that is not such a name it may be called again.
   */
  run(at: number): number;
  /** Number of open containers, including the one that is skipped. */
  readonly depth: number;
  /** The opening byte of the container at that depth, up to `CHECKED_DEPTH`; the one that is skipped has depth 1. */
  openAt(depth: number): number;
  suspend(): SkipState;
  resume(state: SkipState): void;
}

export const MORE = -1;
export const MISMATCH = -2;

/** Below this depth brackets are counted but their kind is not checked, so that memory stays bounded. */
export const CHECKED_DEPTH = 1024;

/** The end of a longer string is found by the engine's `indexOf`, which reads 16 bytes at a time. */
const LONG_STRING_BYTES = 24;

export class PlainSkipper implements Skipper {
  readonly #open = new Uint8Array(CHECKED_DEPTH);
  #chunk: Uint8Array = new Uint8Array(0);
  #depth = 0;
  #inString = false;
  #escaped = false;
  #filter: KeyFilter | null = null;
  #filteredDepth = 0;
  /** Number of further objects that were skipped; -1 if they are not skipped. */
  #siblings = -1;

  startContainer(openByte: number): void {
    this.#siblings = -1;
    this.#open[0] = openByte;
    this.#depth = 1;
    this.#inString = false;
    this.#escaped = false;
    this.#filteredDepth = 0;
  }

  startElement(): void {
    this.startContainer(OPEN_OBJECT);
    this.#siblings = 0;
  }

  startFiltered(openByte: number, filter: KeyFilter, depth: number): void {
    this.startContainer(openByte);
    this.#filter = filter;
    this.#filteredDepth = depth;
  }

  startString(): void {
    this.#siblings = -1;
    this.#depth = 0;
    this.#inString = true;
    this.#escaped = false;
    this.#filteredDepth = 0;
  }

  takeSiblings(): number {
    const passed = this.#siblings;
    if (passed <= 0) return 0;
    this.#siblings = 0;
    return passed;
  }

  get depth(): number {
    return this.#depth;
  }

  openAt(depth: number): number {
    return this.#open[depth - 1]!;
  }

  begin(chunk: Uint8Array): void {
    this.#chunk = chunk;
  }

  run(from: number): number {
    const chunk = this.#chunk;
    const end = chunk.length;
    const open = this.#open;
    let at = from;
    if (this.#inString) {
      if (this.#escaped && at < end) at++;
      this.#escaped = false;
      at = this.#longString(chunk, at);
      if (this.#inString) return MORE;
      if (this.#depth === 0) return at;
    }
    const filteredDepth = this.#filteredDepth;
    let depth = this.#depth;
    while (at < end) {
      const byte = chunk[at++]!;
      // `[` and `{` differ in one bit, and so do `]` and `}`. A closing byte is its opening byte plus 2.
      const bracket = byte | 0x20;
      if (byte === QUOTE) {
        if (depth <= filteredDepth && this.#filter!.mayMatch(chunk, at - 1)) {
          this.#depth = depth;
          return at - 1;
        }
        const near = at + LONG_STRING_BYTES < end ? at + LONG_STRING_BYTES : end;
        let inside = 0;
        while (at < near) {
          inside = chunk[at++]!;
          if (inside === QUOTE) break;
          if (inside === BACKSLASH) at++;
        }
        if (inside !== QUOTE) {
          at = this.#longString(chunk, at);
          if (this.#inString) break;
        }
      } else if (bracket === 0x7b) {
        if (depth < CHECKED_DEPTH) open[depth] = byte;
        depth++;
      } else if (bracket === 0x7d) {
        depth--;
        if (depth < CHECKED_DEPTH && open[depth] !== byte - 2) return MISMATCH;
        if (depth > 0) continue;
        if (this.#siblings < 0 || chunk[at] !== COMMA || chunk[at + 1] !== OPEN_OBJECT) {
          this.#depth = 0;
          return at;
        }
        this.#siblings++;
        at++;
      } else if (byte === BACKSLASH) return MISMATCH;
    }
    this.#depth = depth;
    return MORE;
  }

  /**
   * Skips the rest of a string from `from` on; `from` is one after the chunk's end if an escape crosses it. Sets
   * `#inString` if the chunk ends in the string.
   */
  #longString(chunk: Uint8Array, from: number): number {
    let at = from;
    for (;;) {
      const quote = at < chunk.length ? chunk.indexOf(QUOTE, at) : -1;
      const stop = quote === -1 ? chunk.length : quote;
      const escapes = at > stop || backslashesBefore(chunk, at, stop) % 2 === 1;
      if (quote === -1) {
        this.#inString = true;
        this.#escaped = escapes;
        return stop;
      }
      at = quote + 1;
      if (!escapes) {
        this.#inString = false;
        return at;
      }
    }
  }

  suspend(): SkipState {
    return {
      depth: this.#depth,
      inString: this.#inString,
      escaped: this.#escaped,
      open: this.#open.slice(0, Math.min(this.#depth, CHECKED_DEPTH)),
      filter: this.#filter,
      filteredDepth: this.#filteredDepth,
      isElement: this.#siblings >= 0,
    };
  }

  resume(state: SkipState): void {
    this.#filter = state.filter;
    this.#filteredDepth = state.filteredDepth;
    this.#siblings = state.isElement ? 0 : -1;
    this.#depth = state.depth;
    this.#inString = state.inString;
    this.#escaped = state.escaped;
    this.#open.set(state.open);
  }
}

/** The number of backslashes directly before `stop`, not before `from`. */
function backslashesBefore(chunk: Uint8Array, from: number, stop: number): number {
  let at = stop;
  while (at > from && chunk[at - 1] === BACKSLASH) at--;
  return stop - at;
}
