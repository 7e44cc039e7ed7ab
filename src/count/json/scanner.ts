/**
 * Counts posts in a JSON body as its bytes pass. Containers on a path to posts are walked; the skipper skips all others.
 * The only bytes that are held are the start of a name or of a needed value that a chunk boundary splits.
 */

import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';
import type { NamedChild } from './automaton/names.ts';
import { MAX_ID_BYTES } from './automaton/nfa-paths.ts';
import type { DfaState, EmbeddedPlan, JsonPlan } from './automaton/plan.ts';
import { EMBEDDED, HOLD, JsonWalk, MUST_BE_EMPTY, SKIP, TOO_DEEP, WALK } from './automaton/walk.ts';
import { BodyStart } from './byte-order-mark.ts';
import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  endOfScalar,
  endOfShortString,
  isScalarStart,
  isSpace,
  MAX_SCALAR_BYTES,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  readScalar,
} from './bytes.ts';
import { type EmbeddedReader, type EmbeddedText, EmbeddedTexts } from './embedded-text.ts';
import { ResumableSkipper } from './skip/resumable-skipper.ts';
import { CHECKED_DEPTH, MISMATCH, type Skipper } from './skip/skip.ts';
import { CUT, JsonText, NO_ESCAPE } from './text.ts';

/** The states: what the next byte may be. */
const BEGIN = 0;
const VALUE = 1;
/** After `[`: a value or `]`. */
const FIRST_VALUE = 2;
const NAME = 3;
/** After `{`: a name or `}`. */
const FIRST_NAME = 4;
const AFTER_NAME = 5;
/** After a value: a comma or the container's end. */
const NEXT = 6;
const SCALAR = 7;
/** Inside a name or string whose text is needed. */
const HELD = 8;
/** Inside a value that is skipped. */
const SKIPPED = 9;
const EMPTY_STRING = 10;
const EMPTY_CONTAINER = 11;
/** In a string that contains JSON or HTML. */
const IN_EMBEDDED = 12;
const DONE = 13;
const FAILED = 14;
/** Inside a container in which the key filter looks for names. */
const FILTERED = 15;
/** After a string that equals a name of the key filter; it is a name if a colon follows. */
const AFTER_MATCH = 16;

export class JsonScanner {
  /** The reason why the body cannot be counted; undefined while it can. */
  failure: UncountedReason | undefined = undefined;
  /** Position in the last chunk of the first byte after the JSON text that is not a space: a failure. Else -1. */
  restAt = -1;

  readonly #walk: JsonWalk;
  readonly #skipper: ResumableSkipper;
  readonly #maxTextBytes: number;
  readonly #bodyStart = new BodyStart();
  #state = BEGIN;
  /** The closing byte of a container that must be empty. */
  #emptyEnd = CLOSE_ARRAY;
  /** Whether the current string is a member's name. */
  #isName = false;
  #matched: NamedChild<DfaState> | null = null;
  /** Whether the skipper skips the rest of the walked object. */
  #skipsRest = false;
  #text: JsonText | null = null;
  #embedded: EmbeddedText | null = null;
  #embeddedTexts: EmbeddedTexts<EmbeddedPlan> | null = null;
  readonly #readerOf: (embedded: EmbeddedPlan) => EmbeddedReader;

  constructor(plan: JsonPlan, skipper: Skipper, found: PostCount) {
    const dfa = plan.dfa(found);
    this.#walk = new JsonWalk(dfa, found);
    this.#skipper = new ResumableSkipper(skipper);
    this.#maxTextBytes = Math.max(dfa.maxTextBytes, MAX_SCALAR_BYTES);
    this.#readerOf = (embedded) =>
      'reader' in embedded
        ? embedded.reader(found)
        : new JsonScanner({ dfa: () => embedded }, skipper, found);
  }

  /** For embedded JSON. Text with another start is neither a list nor a post (an id, a word, a page of HTML). */
  reads(first: number): boolean {
    return first === OPEN_OBJECT || first === OPEN_ARRAY;
  }

  /** Prepares for another body or frame and reuses the allocations. */
  reset(): void {
    this.failure = undefined;
    this.restAt = -1;
    this.#walk.reset();
    this.#bodyStart.reset();
    this.#state = BEGIN;
    this.#isName = false;
    this.#skipsRest = false;
    this.#skipper.reset();
  }

  /** Reads one chunk, without retaining it. After a failure nothing more is read. */
  write(chunk: Uint8Array): void {
    const end = chunk.length;
    this.#skipper.begin(chunk);
    let at = 0;
    while (at < end) {
      const byte = chunk[at]!;
      switch (this.#state) {
        case SKIPPED:
          at = this.#skipped(chunk, at);
          break;
        case FILTERED:
          at = this.#filtered(chunk, at);
          break;
        case SCALAR:
          at = this.#scalar(chunk, at);
          break;
        case HELD:
          at = this.#held(chunk, at);
          break;
        case BEGIN:
          at = this.#begin(byte, at);
          break;
        case IN_EMBEDDED:
          at = this.#readEmbedded(chunk, at);
          break;
        case EMPTY_STRING:
          if (byte === QUOTE) this.#afterValue();
          else this.#fail('shape');
          at++;
          break;
        case FAILED:
          return;
        default:
          if (!isSpace(byte)) at = this.#token(byte, chunk, at);
          else
            do at++;
            while (at < end && isSpace(chunk[at]!));
      }
    }
    // A skip that starts with the chunk's last byte has not run yet, and other scanners use the skipper before the next.
    if (this.#state === SKIPPED || this.#state === FILTERED) this.#skipper.leave();
  }

  /** Whether one complete JSON text was read: only spaces may follow. */
  get isWhole(): boolean {
    return this.#state === DONE || (this.#state === SCALAR && this.#walk.isInRoot);
  }

  /** Ends the body; sets `failure` if it is not one complete JSON text. */
  end(): void {
    if (this.#state === SCALAR && this.#walk.isInRoot) this.#endHeldScalar();
    if (this.#state === DONE || this.#state === FAILED) return;
    this.#fail(this.#state === BEGIN ? 'not_json' : 'truncated');
  }

  #fail(reason: UncountedReason): void {
    this.failure = reason;
    this.#state = FAILED;
  }

  #begin(byte: number, at: number): number {
    if (this.#bodyStart.passes(byte)) return at + 1;
    if (this.#bodyStart.failure !== undefined) this.#fail(this.#bodyStart.failure);
    else this.#state = VALUE;
    return at;
  }

  /** Reads one byte outside of strings, numbers and spaces. */
  #token(byte: number, chunk: Uint8Array, at: number): number {
    switch (this.#state) {
      case NEXT:
        return this.#next(byte, at);
      case FIRST_VALUE:
        if (byte === CLOSE_ARRAY) return this.#close(at + 1);
        return this.#value(byte, chunk, at);
      case VALUE:
        return this.#value(byte, chunk, at);
      case AFTER_NAME:
        if (byte === COLON) this.#state = VALUE;
        else this.#fail('not_json');
        return at + 1;
      case AFTER_MATCH:
        return this.#afterMatch(byte, at);
      case FIRST_NAME:
        if (byte === CLOSE_OBJECT) return this.#close(at + 1);
        return this.#name(byte, chunk, at);
      case NAME:
        return this.#name(byte, chunk, at);
      case EMPTY_CONTAINER:
        if (byte === this.#emptyEnd) this.#afterValue();
        else this.#fail('shape');
        return at + 1;
      default:
        this.restAt = at;
        this.#fail('not_json');
        return at + 1;
    }
  }

  #next(byte: number, at: number): number {
    const isArray = this.#walk.isInArray;
    if (byte === COMMA) {
      if (isArray) this.#walk.element();
      this.#state = isArray ? VALUE : NAME;
      return at + 1;
    }
    if (byte === (isArray ? CLOSE_ARRAY : CLOSE_OBJECT)) return this.#close(at + 1);
    this.#fail('not_json');
    return at + 1;
  }

  /** The walked container has ended before `at`. */
  #close(at: number): number {
    this.#walk.close();
    this.#afterValue();
    return at;
  }

  #afterValue(): void {
    if (this.#walk.isInRoot) this.#state = DONE;
    else if (this.#walk.isDecided) {
      this.#skipsRest = true;
      this.#skipper.startContainer(OPEN_OBJECT);
      this.#state = SKIPPED;
    } else this.#continue(NEXT);
  }

  /** Continues in the walked container: with its key filter if it has one, else byte by byte in `state`. */
  #continue(state: number): void {
    const { keyFilter } = this.#walk;
    if (keyFilter === null) {
      this.#state = state;
      return;
    }
    const open = this.#walk.isInArray ? OPEN_ARRAY : OPEN_OBJECT;
    this.#skipper.startFiltered(open, keyFilter.filter, keyFilter.isDeep ? Number.MAX_SAFE_INTEGER : 1);
    this.#state = FILTERED;
  }

  /** Continues with the key filter, up to one of its names or to the container's end. */
  #filtered(chunk: Uint8Array, from: number): number {
    // The first name of an object often is one of them.
    const isNear = !this.#skipper.isSuspended && chunk[from] === QUOTE;
    let at = isNear ? from : this.#runSkipper(chunk, from);
    for (;;) {
      const { depth } = this.#skipper;
      if (at < 0) return chunk.length;
      if (depth === 0) return this.#close(at);
      const close = endOfShortString(chunk, at + 1);
      if (close < 0) return this.#enter(depth) ? this.#matchedString(at + 1) : at;
      const named = this.#walk.namesAt(depth).find(chunk, at + 1, close);
      // Below the depth to which the skipper stores brackets, the walk fails too.
      if (named !== null && (depth > CHECKED_DEPTH || this.#skipper.isInObject(depth))) {
        if (this.#enter(depth)) this.#endName(named);
        return close + 1;
      }
      at = this.#runSkipper(chunk, close + 1);
    }
  }

  /** Walks the skipper's open containers, down to `depth`, from here on. Returns false at a failure. */
  #enter(depth: number): boolean {
    for (let level = 2; level <= depth; level++) {
      if (this.#walk.enter(!this.#skipper.isInObject(level)) === TOO_DEEP) {
        this.#fail('shape');
        return false;
      }
    }
    return true;
  }

  /** A string begins that may be a name of the key filter and is long, split or escaped. */
  #matchedString(at: number): number {
    this.#isName = true;
    return this.#walk.isInArray ? this.#skipString(at) : this.#hold(at);
  }

  /** Reads the byte after a string that equals a name of the key filter. */
  #afterMatch(byte: number, at: number): number {
    if (byte !== COLON) {
      this.#continue(NEXT);
      return at;
    }
    this.#state = VALUE;
    this.#beginMember(this.#matched!);
    return at + 1;
  }

  #name(byte: number, chunk: Uint8Array, at: number): number {
    if (byte !== QUOTE) {
      this.#fail('not_json');
      return at + 1;
    }
    const { names } = this.#walk;
    const close = endOfShortString(chunk, at + 1);
    if (close >= 0) {
      this.#endName(names.find(chunk, at + 1, close));
      return close + 1;
    }
    this.#isName = true;
    return names.size > 0 ? this.#hold(at + 1) : this.#skipString(at + 1);
  }

  #endName(named: NamedChild<DfaState> | null): void {
    this.#isName = false;
    if (this.#walk.keyFilter !== null) {
      // A value may equal a name; only a name is followed by a colon.
      this.#matched = named;
      if (named === null) this.#continue(NEXT);
      else this.#state = AFTER_MATCH;
      return;
    }
    this.#state = AFTER_NAME;
    if (named === null) this.#walk.otherName();
    else this.#beginMember(named);
  }

  #beginMember({ index }: NamedChild<DfaState>): void {
    if (!this.#walk.name(index)) this.#fail('shape');
  }

  #value(byte: number, chunk: Uint8Array, at: number): number {
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      this.#container(byte);
      return at + 1;
    }
    if (byte === QUOTE) return this.#string(chunk, at + 1);
    if (isScalarStart(byte)) return this.#number(chunk, at);
    this.#fail('not_json');
    return at + 1;
  }

  #container(byte: number): void {
    const isArray = byte === OPEN_ARRAY;
    const verdict = this.#walk.open(isArray);
    if (verdict === WALK) this.#continue(isArray ? FIRST_VALUE : FIRST_NAME);
    else if (verdict === MUST_BE_EMPTY) {
      this.#emptyEnd = isArray ? CLOSE_ARRAY : CLOSE_OBJECT;
      this.#state = EMPTY_CONTAINER;
    } else if (verdict === TOO_DEEP) this.#fail('shape');
    else {
      // The walk treats all objects of a list alike, so one skip covers as many as follow each other.
      if (byte === OPEN_OBJECT && this.#walk.isInArray) this.#skipper.startElement();
      else this.#skipper.startContainer(byte);
      this.#state = SKIPPED;
    }
  }

  #string(chunk: Uint8Array, at: number): number {
    const verdict = this.#walk.string();
    if (verdict === MUST_BE_EMPTY) {
      this.#state = EMPTY_STRING;
      return at;
    }
    if (verdict === EMBEDDED) return this.#beginEmbedded(at);
    const isHeld = verdict === HOLD;
    const close = isHeld ? endOfShortString(chunk, at, MAX_ID_BYTES) : endOfShortString(chunk, at);
    if (close < 0) return isHeld ? this.#hold(at) : this.#skipString(at);
    if (verdict === SKIP) {
      this.#walk.endSkipped();
      this.#afterValue();
    } else this.#endString(chunk, at, close, false);
    return close + 1;
  }

  #beginEmbedded(at: number): number {
    this.#embeddedTexts ??= new EmbeddedTexts(this.#readerOf);
    this.#embedded = this.#embeddedTexts.begin(this.#walk.embedded!);
    this.#state = IN_EMBEDDED;
    return at;
  }

  #readEmbedded(chunk: Uint8Array, from: number): number {
    const embedded = this.#embedded!;
    const at = embedded.write(chunk, from);
    // A scanner of embedded JSON has used the skipper in between.
    this.#skipper.begin(chunk);
    const { failure } = embedded;
    if (failure !== undefined) this.#fail(failure);
    else if (at >= 0) {
      this.#walk.endSkipped();
      this.#afterValue();
    }
    return at < 0 ? chunk.length : at;
  }

  #skipString(at: number): number {
    this.#skipper.startString();
    this.#state = SKIPPED;
    return at;
  }

  #skipped(chunk: Uint8Array, from: number): number {
    const at = this.#runSkipper(chunk, from);
    // As many objects have ended as started after the first one.
    for (let ended = this.#skipper.takeSiblings(); ended > 0; ended--) this.#walk.endSkipped();
    if (at < 0) return chunk.length;
    if (this.#isName) this.#endName(null);
    else if (this.#skipsRest) {
      this.#skipsRest = false;
      this.#close(at);
    } else {
      this.#walk.endSkipped();
      this.#afterValue();
    }
    return at;
  }

  /** Runs the skipper. Returns the position where it stopped; a negative number at the chunk's end and at a failure. */
  #runSkipper(chunk: Uint8Array, from: number): number {
    const at = this.#skipper.run(chunk, from);
    if (at === MISMATCH) this.#fail('not_json');
    return at;
  }

  #hold(at: number): number {
    this.#text ??= new JsonText(this.#maxTextBytes);
    this.#text.clear();
    this.#state = HELD;
    return at;
  }

  #held(chunk: Uint8Array, from: number): number {
    const text = this.#text!;
    const at = text.addString(chunk, from);
    if (at === CUT) return chunk.length;
    if (at !== NO_ESCAPE) {
      this.#endHeld(text);
      return at;
    }
    // Strings of members that do not matter are not checked for valid escapes.
    if (this.#isName && this.#walk.keyFilter !== null) return this.#skipString(text.reached);
    this.#fail('not_json');
    return text.reached;
  }

  #endHeld(text: JsonText): void {
    const { bytes, isTooLong } = text;
    if (this.#isName) {
      this.#endName(isTooLong ? null : this.#walk.names.find(bytes, 0, bytes.length));
      return;
    }
    this.#endString(bytes, 0, bytes.length, isTooLong);
  }

  #endString(bytes: Uint8Array, from: number, to: number, isTooLong: boolean): void {
    if (this.#walk.heldString(bytes, from, to, isTooLong)) this.#afterValue();
    else this.#fail('shape');
  }

  /** A number or word begins. If the chunk splits it, its start is held. */
  #number(chunk: Uint8Array, from: number): number {
    const to = endOfScalar(chunk, from);
    if (to < chunk.length) {
      this.#endScalar(chunk, from, to, false);
      return to;
    }
    this.#hold(from);
    this.#state = SCALAR;
    return this.#scalar(chunk, from);
  }

  #scalar(chunk: Uint8Array, from: number): number {
    const text = this.#text!;
    const to = endOfScalar(chunk, from);
    // One byte beyond the maximum is enough to detect a longer text.
    const held = Math.min(to, from + MAX_SCALAR_BYTES + 1);
    for (let at = from; at < held; at++) text.add(chunk[at]!);
    if (to < chunk.length) this.#endHeldScalar();
    return to;
  }

  #endHeldScalar(): void {
    const { bytes, isTooLong } = this.#text!;
    this.#endScalar(bytes, 0, bytes.length, isTooLong);
  }

  #endScalar(bytes: Uint8Array, from: number, to: number, isTooLong: boolean): void {
    const value = readScalar(bytes, from, to, this.#walk.wantsValue && !isTooLong);
    if (value === undefined) this.#fail('not_json');
    else if (this.#walk.scalar(value, bytes, from, to)) this.#afterValue();
    else this.#fail('shape');
  }
}
