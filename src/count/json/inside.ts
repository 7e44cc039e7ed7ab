/**
 * JSON in a string of JSON: its escapes are decoded as it passes, and what they stand for is scanned. A text that
 * begins with neither `{` nor `[` is no list and no post (an id, a word, a page of HTML): it counts as empty.
 */

import type { UncountedReason } from '../uncounted.ts';
import { isSpace, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from './bytes.ts';
import { JsonText } from './text.ts';

/** What reads the decoded text; a `JsonScanner`. */
export interface InsideScanner {
  readonly failure: UncountedReason | undefined;
  write(chunk: Uint8Array): void;
  end(): void;
  reset(): void;
}

/** Decoded at once before it is scanned. */
const BLOCK_BYTES = 4096;
/** A character at most, with room to spare. */
const CHARACTER_BYTES = 8;

const BEFORE = 0;
const JSON_TEXT = 1;
const OTHER_TEXT = 2;

export class InsideText {
  readonly #text = new JsonText(BLOCK_BYTES);
  #scanner: InsideScanner | null = null;
  #state = BEFORE;
  #failure: UncountedReason | undefined;

  /** A string begins. */
  begin(scanner: InsideScanner): void {
    this.#text.clear();
    this.#scanner = scanner;
    this.#state = BEFORE;
    this.#failure = undefined;
    scanner.reset();
  }

  /** What is wrong with the string or with the JSON in it. */
  get failure(): UncountedReason | undefined {
    return this.#failure ?? this.#scanner?.failure;
  }

  /** Reads from `from` on. Returns the position after the closing quote; -1 where the chunk ends before it, or at a failure. */
  write(chunk: Uint8Array, from: number): number {
    const text = this.#text;
    let at = from;
    while (at < chunk.length) {
      if (text.room < CHARACTER_BYTES) this.#scan();
      at = text.addPlain(chunk, at, Math.min(chunk.length, at + text.room - CHARACTER_BYTES));
      if (at === chunk.length) break;
      const byte = chunk[at++]!;
      if (byte === QUOTE && !text.inEscape) {
        this.#end();
        return at;
      }
      if (!text.addEscaped(byte)) {
        this.#failure = 'not_json';
        return -1;
      }
    }
    this.#scan();
    return -1;
  }

  #end(): void {
    this.#scan();
    if (this.#state === JSON_TEXT) this.#scanner!.end();
  }

  #scan(): void {
    const bytes = this.#text.settled;
    if (this.#state === BEFORE) {
      const first = bytes.find((byte) => !isSpace(byte));
      if (first !== undefined) {
        this.#state = first === OPEN_OBJECT || first === OPEN_ARRAY ? JSON_TEXT : OTHER_TEXT;
      }
    }
    if (this.#state === JSON_TEXT) this.#scanner!.write(bytes);
    this.#text.drop(bytes.length);
  }
}

/** What reads the JSON in the strings of one body, by its plan: one reader each, however many strings there are. */
export class InsideStrings<Plan> {
  readonly #scanners = new Map<Plan, InsideScanner>();
  readonly #scannerOf: (plan: Plan) => InsideScanner;
  readonly #text = new InsideText();

  constructor(scannerOf: (plan: Plan) => InsideScanner) {
    this.#scannerOf = scannerOf;
  }

  /** A string begins in which that plan holds. Returns what reads it. */
  begin(plan: Plan): InsideText {
    let scanner = this.#scanners.get(plan);
    if (scanner === undefined) {
      scanner = this.#scannerOf(plan);
      this.#scanners.set(plan, scanner);
    }
    this.#text.begin(scanner);
    return this.#text;
  }
}
