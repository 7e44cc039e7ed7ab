/**
 * Counts posts in a stream whose frames are one JSON text each: a valid frame counts permanently, a faulty one does
 * not count.
 */

import type { JsonPlan } from '../json/automaton/plan.ts';
import { CLOSE_ARRAY, isScalarStart, isSpace, OPEN_ARRAY, OPEN_OBJECT, QUOTE } from '../json/bytes.ts';
import { JsonScanner } from '../json/scanner.ts';
import { jsonSkipper } from '../json/skip/resumable-skipper.ts';
import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';

/** Only spaces have arrived. */
const EMPTY = 0;
/** Only `[` has arrived: a list, or a word such as `[DONE]`. */
const BRACKET = 1;
const JSON_TEXT = 2;
const PLAIN_TEXT = 3;

const BRACKET_BYTES = Uint8Array.of(OPEN_ARRAY);

/**
 * The meaning of a frame that is not JSON. `passes`: streams send keep-alive and end marks as plain text (`ping`,
 * `[DONE]`, a number). A frame that begins neither as an object nor as a list, and contains no `{`, holds no posts.
 */
export type PlainText = 'passes' | 'flaw';

export class JsonFrames {
  /** Why the first faulty frame was excluded. */
  flaw: UncountedReason | undefined = undefined;
  readonly #found: PostCount;
  readonly #plainPasses: boolean;
  /** Whether posts may be in JSON within a frame that is a JSON string. */
  readonly #readsStrings: boolean;
  readonly #scanner: JsonScanner;
  #state = EMPTY;
  #plainHasObject = false;

  constructor(plan: JsonPlan, found: PostCount, plainText: PlainText) {
    this.#found = found;
    this.#plainPasses = plainText === 'passes';
    this.#readsStrings = plan.dfa(found).start.embedded !== null;
    this.#scanner = new JsonScanner(plan, jsonSkipper, found);
  }

  /** Whether the current frame is already a complete JSON text. */
  get isWhole(): boolean {
    return this.#state === JSON_TEXT && this.#scanner.isWhole;
  }

  /** Reads the next bytes of the current frame: `chunk` from `from` to `to`. */
  write(chunk: Uint8Array, from: number, to: number): void {
    const at = this.#state < JSON_TEXT ? this.#begin(chunk, from, to) : from;
    if (at === to) return;
    const bytes = at === 0 && to === chunk.length ? chunk : chunk.subarray(at, to);
    if (this.#state === JSON_TEXT) this.#scanner.write(bytes);
    else this.#plainHasObject ||= bytes.includes(OPEN_OBJECT);
  }

  /**
   * Ends the frame. A frame of spaces is ignored.
   * @param isWanted false if the frame holds no posts that count, whatever its content.
   */
  endFrame(isWanted = true): void {
    if (this.#state === EMPTY) return;
    const fault = this.#fault();
    this.#state = EMPTY;
    if (isWanted && fault === undefined) {
      this.#found.settle();
      return;
    }
    if (isWanted) this.flaw ??= fault;
    this.#found.revert();
  }

  /** Discards a frame that is incomplete. */
  drop(): void {
    this.#state = EMPTY;
    this.#found.revert();
  }

  #fault(): UncountedReason | undefined {
    if (this.#state === PLAIN_TEXT) return this.#plainHasObject ? 'not_json' : undefined;
    if (this.#state === BRACKET) return 'truncated';
    this.#scanner.end();
    return this.#scanner.failure;
  }

  /** Reads until the kind of the frame is clear. Returns the position at which reading continues. */
  #begin(chunk: Uint8Array, from: number, to: number): number {
    let at = from;
    while (at < to && isSpace(chunk[at]!)) at++;
    if (at === to) return to;
    const byte = chunk[at]!;
    if (this.#state === BRACKET) {
      if (!beginsElement(byte)) return this.#beginPlain(at);
      this.#beginJson();
      this.#scanner.write(BRACKET_BYTES);
      return at;
    }
    if (!this.#plainPasses || byte === OPEN_OBJECT || (this.#readsStrings && byte === QUOTE)) {
      this.#beginJson();
      return at;
    }
    if (byte !== OPEN_ARRAY) return this.#beginPlain(at);
    this.#state = BRACKET;
    return this.#begin(chunk, at + 1, to);
  }

  #beginJson(): void {
    this.#state = JSON_TEXT;
    this.#scanner.reset();
  }

  #beginPlain(at: number): number {
    this.#state = PLAIN_TEXT;
    this.#plainHasObject = false;
    return at;
  }
}

/** Whether this byte may follow `[` in JSON. */
function beginsElement(byte: number): boolean {
  if (byte === OPEN_OBJECT || byte === OPEN_ARRAY || byte === CLOSE_ARRAY || byte === QUOTE) return true;
  return isScalarStart(byte);
}
