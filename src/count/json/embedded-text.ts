/**
 * Reads JSON or HTML embedded in a JSON string: its escapes are decoded as it passes. A text that contains only
 * spaces holds no posts.
 */

import type { UncountedReason } from '../uncounted.ts';
import { isSpace, QUOTE } from './bytes.ts';
import { JsonText } from './text.ts';

/** Reads the decoded text. */
export interface EmbeddedReader {
  /** Whether to read a text that begins with this byte. Any other text holds no posts. */
  reads(first: number): boolean;
  readonly failure: UncountedReason | undefined;
  write(chunk: Uint8Array): void;
  end(): void;
  reset(): void;
}

/** Size of the block that is decoded before it is read. */
const BLOCK_BYTES = 4096;
/** The length of a character, with some reserve. */
const CHARACTER_BYTES = 8;

const BEFORE = 0;
const READ_TEXT = 1;
const OTHER_TEXT = 2;

export class EmbeddedText {
  readonly #text = new JsonText(BLOCK_BYTES);
  #reader: EmbeddedReader | null = null;
  #state = BEFORE;
  #failure: UncountedReason | undefined;

  /** Starts a string. */
  begin(reader: EmbeddedReader): void {
    this.#text.clear();
    this.#reader = reader;
    this.#state = BEFORE;
    this.#failure = undefined;
    reader.reset();
  }

  /** The error in the string or in the text that it contains. */
  get failure(): UncountedReason | undefined {
    return this.#failure ?? this.#reader?.failure;
  }

  /**
   * Reads from `from`. Returns the position after the closing quote; -1 if the chunk ends before it or reading fails.
   */
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

/** The readers of the embedded texts of one body: one per plan, however many strings there are. */
export class EmbeddedTexts<Plan> {
  readonly #readers = new Map<Plan, EmbeddedReader>();
  readonly #readerOf: (plan: Plan) => EmbeddedReader;
  readonly #text = new EmbeddedText();

  constructor(readerOf: (plan: Plan) => EmbeddedReader) {
    this.#readerOf = readerOf;
  }

  /** Starts a string with that plan and returns its reader. */
  begin(plan: Plan): EmbeddedText {
    let reader = this.#readers.get(plan);
    if (reader === undefined) {
      reader = this.#readerOf(plan);
      this.#readers.set(plan, reader);
    }
    this.#text.begin(reader);
    return this.#text;
  }
}
