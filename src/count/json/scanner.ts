/**
 * Counts posts in a JSON body as its bytes pass. Containers on the way to a post are walked, all others are passed
 * over by the skipper. No byte is kept but the start of a name or value under test that a chunk boundary cuts.
 */

import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';
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
import { InsideText } from './inside.ts';
import { afterLooseMembers } from './members.ts';
import type { NamedChild } from './names.ts';
import type { JsonPlan, PlanTree } from './plan.ts';
import { MISMATCH, MORE, type Skipper, type SkipState } from './skip.ts';
import { JsonText } from './text.ts';
import { EMPTY, HOLD, INSIDE, JsonWalk, PASS, TOO_DEEP, WALK } from './walk.ts';
import { MAX_ID_BYTES } from './ways.ts';

/** What the next byte may be. */
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
/** Inside something that nobody looks at. */
const SKIPPED = 9;
const EMPTY_STRING = 10;
const EMPTY_CONTAINER = 11;
/** In a string that holds JSON. */
const IN_INSIDE = 12;
const DONE = 13;
const FAILED = 14;

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

export class JsonScanner {
  /** Why the body cannot be counted; undefined while it can. */
  failure: UncountedReason | undefined = undefined;

  readonly #walk: JsonWalk;
  readonly #skipper: Skipper;
  readonly #found: PostCount;
  readonly #maxTextBytes: number;
  #state = BEGIN;
  #bomBytes = 0;
  /** The byte that ends a container which must be empty. */
  #emptyEnd = CLOSE_ARRAY;
  /** Whether the string under way is a member's name. */
  #isName = false;
  /** Whether the skipper passes over the rest of the walked object. */
  #skipsRest = false;
  #skip: SkipState | null = null;
  #text: JsonText | null = null;
  #inside: InsideText | null = null;
  /** What reads the JSON in strings, by its plan: one each, however many strings there are. */
  readonly #insideScanners = new Map<PlanTree, JsonScanner>();

  constructor(plan: JsonPlan, skipper: Skipper, found: PostCount) {
    const tree = plan.tree(found.readsIds);
    this.#walk = new JsonWalk(tree, found);
    this.#skipper = skipper;
    this.#found = found;
    this.#maxTextBytes = Math.max(tree.maxTextBytes, MAX_SCALAR_BYTES);
  }

  /** Begins anew, before another body or frame, with what was allocated for the last. */
  reset(): void {
    this.failure = undefined;
    this.#walk.reset();
    this.#state = BEGIN;
    this.#bomBytes = 0;
    this.#isName = false;
    this.#skipsRest = false;
    this.#skip = null;
  }

  /** Consumes one chunk, which is not kept. After a failure nothing more is read. */
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
        case SCALAR:
          at = this.#scalar(chunk, at);
          break;
        case HELD:
          at = this.#held(chunk, at);
          break;
        case BEGIN:
          at = this.#begin(byte, at);
          break;
        case IN_INSIDE:
          at = this.#inInside(chunk, at);
          break;
        case EMPTY_STRING:
          if (byte === QUOTE) this.#afterValue();
          else this.#fail('shape');
          at++;
          break;
        case FAILED:
          return;
        default:
          at = isSpace(byte) ? at + 1 : this.#mark(byte, chunk, at);
      }
    }
  }

  /** Whether what was read is one whole JSON: all that may follow is space. */
  get isWhole(): boolean {
    return this.#state === DONE || (this.#state === SCALAR && this.#walk.isInRoot);
  }

  /** The body is over: sets `failure` where it was no whole JSON. */
  end(): void {
    if (this.#state === SCALAR && this.#walk.isInRoot) this.#endHeldScalar();
    if (this.#state === DONE || this.#state === FAILED) return;
    this.#fail(this.#state === BEGIN ? 'not_json' : 'truncated');
  }

  #fail(reason: UncountedReason): void {
    this.failure = reason;
    this.#state = FAILED;
  }

  /** Lets a UTF-8 byte order mark pass. What begins as UTF-16 or UTF-32 does is not ours to read. */
  #begin(byte: number, at: number): number {
    if (byte === BYTE_ORDER_MARK[this.#bomBytes]) {
      if (++this.#bomBytes === BYTE_ORDER_MARK.length) this.#state = VALUE;
      return at + 1;
    }
    if (this.#bomBytes > 0) this.#fail('not_json');
    else if (byte === 0 || byte >= 0xfe) this.#fail('encoding');
    else if (isSpace(byte)) return at + 1;
    else this.#state = VALUE;
    return at;
  }

  /** One byte outside strings, numbers and spaces. */
  #mark(byte: number, chunk: Uint8Array, at: number): number {
    switch (this.#state) {
      case NEXT:
        return this.#next(byte, at);
      case FIRST_VALUE:
        if (byte === CLOSE_ARRAY) return this.#close(at);
        return this.#value(byte, chunk, at);
      case VALUE:
        return this.#value(byte, chunk, at);
      case AFTER_NAME:
        if (byte === COLON) this.#state = VALUE;
        else this.#fail('not_json');
        return at + 1;
      case FIRST_NAME:
        if (byte === CLOSE_OBJECT) return this.#close(at);
        return this.#name(byte, chunk, at);
      case NAME:
        return this.#name(byte, chunk, at);
      case EMPTY_CONTAINER:
        if (byte === this.#emptyEnd) this.#afterValue();
        else this.#fail('shape');
        return at + 1;
      default:
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
    if (byte === (isArray ? CLOSE_ARRAY : CLOSE_OBJECT)) return this.#close(at);
    this.#fail('not_json');
    return at + 1;
  }

  #close(at: number): number {
    this.#walk.close();
    this.#afterValue();
    return at + 1;
  }

  #afterValue(): void {
    if (this.#walk.isInRoot) this.#state = DONE;
    else if (this.#walk.isDecided) {
      this.#skipsRest = true;
      this.#skipper.startContainer(OPEN_OBJECT);
      this.#state = SKIPPED;
    } else this.#state = NEXT;
  }

  #name(byte: number, chunk: Uint8Array, from: number): number {
    if (byte !== QUOTE) {
      this.#fail('not_json');
      return from + 1;
    }
    const { names } = this.#walk;
    const at = this.#walk.hasLooseMembers ? afterLooseMembers(names, chunk, from) : from;
    this.#isName = true;
    const close = endOfShortString(chunk, at + 1);
    if (close >= 0) {
      this.#endName(names.find(chunk, at + 1, close));
      return close + 1;
    }
    return names.size > 0 ? this.#hold(at + 1) : this.#skipString(at + 1);
  }

  #endName(named: NamedChild | null): void {
    this.#isName = false;
    this.#state = AFTER_NAME;
    if (named === null) this.#walk.otherName();
    else if (!this.#walk.name(named.index)) this.#fail('shape');
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
    if (verdict === WALK) this.#state = isArray ? FIRST_VALUE : FIRST_NAME;
    else if (verdict === EMPTY) {
      this.#emptyEnd = isArray ? CLOSE_ARRAY : CLOSE_OBJECT;
      this.#state = EMPTY_CONTAINER;
    } else if (verdict === TOO_DEEP) this.#fail('shape');
    else {
      this.#skipper.startContainer(byte);
      this.#state = SKIPPED;
    }
  }

  #string(chunk: Uint8Array, at: number): number {
    const verdict = this.#walk.string();
    if (verdict === EMPTY) {
      this.#state = EMPTY_STRING;
      return at;
    }
    if (verdict === INSIDE) return this.#beginInside(at);
    const isHeld = verdict === HOLD;
    const close = isHeld ? endOfShortString(chunk, at, MAX_ID_BYTES) : endOfShortString(chunk, at);
    if (close < 0) return isHeld ? this.#hold(at) : this.#skipString(at);
    if (verdict === PASS) {
      this.#walk.passed();
      this.#afterValue();
    } else this.#endString(chunk, at, close, false);
    return close + 1;
  }

  #beginInside(at: number): number {
    const tree = this.#walk.inside!;
    let scanner = this.#insideScanners.get(tree);
    if (scanner === undefined) {
      scanner = new JsonScanner({ tree: () => tree }, this.#skipper, this.#found);
      this.#insideScanners.set(tree, scanner);
    }
    this.#inside ??= new InsideText();
    this.#inside.begin(scanner);
    this.#state = IN_INSIDE;
    return at;
  }

  #inInside(chunk: Uint8Array, from: number): number {
    const inside = this.#inside!;
    const at = inside.write(chunk, from);
    // The scanner of the string's inside had the skipper for itself.
    this.#skipper.begin(chunk);
    const { failure } = inside;
    if (failure !== undefined) this.#fail(failure);
    else if (at >= 0) {
      this.#walk.passed();
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
    if (this.#skip !== null) this.#skipper.resume(this.#skip);
    this.#skip = null;
    const at = this.#skipper.run(from);
    if (at === MORE) {
      this.#skip = this.#skipper.suspend();
      return chunk.length;
    }
    if (at === MISMATCH) {
      this.#fail('not_json');
      return chunk.length;
    }
    if (this.#isName) this.#endName(null);
    else if (this.#skipsRest) {
      this.#skipsRest = false;
      this.#close(at);
    } else {
      this.#walk.passed();
      this.#afterValue();
    }
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
    let at = from;
    while (at < chunk.length) {
      const byte = chunk[at++]!;
      if (byte === QUOTE && !text.inEscape) {
        this.#endHeld(text);
        return at;
      }
      if (!text.addEscaped(byte)) {
        this.#fail('not_json');
        return at;
      }
    }
    return at;
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

  /** A number or word begins. Where the chunk cuts it, its start is held. */
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
    // One byte more than is read is enough to know that it is longer.
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
