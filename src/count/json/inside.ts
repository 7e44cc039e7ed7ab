/**
 * JSON or HTML in a string of JSON: its escapes are decoded as it passes, and what they stand for is read. A text of
 * nothing but space holds no posts.
 */

import type { UncountedReason } from '../uncounted.ts';
import { isSpace, QUOTE } from './bytes.ts';
import { JsonText } from './text.ts';

/** What reads the decoded text. */
export interface InsideReader {
  /** Whether a text that begins with this byte is to be read. Another one holds no posts. */
  reads(first: number): boolean;
  readonly failure: UncountedReason | undefined;
  write(chunk: Uint8Array): void;
  end(): void;
  reset(): void;
}

/** Decoded at once before it is read. */
const BLOCK_BYTES = 4096;
/** A character at most, with room to spare. */
const CHARACTER_BYTES = 8;

const BEFORE = 0;
const READ_TEXT = 1;
const OTHER_TEXT = 2;

export class InsideText {
  readonly #text = new JsonText(BLOCK_BYTES);
  #reader: InsideReader | null = null;
  #state = BEFORE;
  #failure: UncountedReason | undefined;

  /** A string begins. */
  begin(reader: InsideReader): void {
    this.#text.clear();
    this.#reader = reader;
    this.#state = BEFORE;
    this.#failure = undefined;
    reader.reset();
  }

  /** What is wrong with the string or with the text in it. */
  get failure(): UncountedReason | undefined {
    return this.#failure ?? this.#reader?.failure;
  }

  /** Reads from `from` on. Returns the position after the closing quote; -1 where the chunk ends before it, or at a failure. */
  write(chunk: Uint8Array, from: number): number {
    const text = this.#text;
    let at = from;
    while (at < chunk.length) {
      if (text.room < CHARACTER_BYTES) this.#read();
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
    this.#read();
    return -1;
  }

  #end(): void {
    this.#read();
    if (this.#state === READ_TEXT) this.#reader!.end();
  }

  #read(): void {
    const bytes = this.#text.settled;
    if (this.#state === BEFORE) {
      const first = bytes.find((byte) => !isSpace(byte));
      if (first !== undefined) {
        this.#state = this.#reader!.reads(first) ? READ_TEXT : OTHER_TEXT;
      }
    }
    if (this.#state === READ_TEXT) this.#reader!.write(bytes);
    this.#text.drop(bytes.length);
  }
}

/** What reads the texts in the strings of one body, by its plan: one reader each, however many strings there are. */
export class InsideStrings<Plan> {
  readonly #readers = new Map<Plan, InsideReader>();
  readonly #readerOf: (plan: Plan) => InsideReader;
  readonly #text = new InsideText();

  constructor(readerOf: (plan: Plan) => InsideReader) {
    this.#readerOf = readerOf;
  }

  /** A string begins in which that plan holds. Returns what reads it. */
  begin(plan: Plan): InsideText {
    let reader = this.#readers.get(plan);
    if (reader === undefined) {
      reader = this.#readerOf(plan);
      this.#readers.set(plan, reader);
    }
    this.#text.begin(reader);
    return this.#text;
  }
}
