/**
 * Counts posts in a JSON body as its bytes pass. Containers on the way to a post are walked, all others are passed
 * over by the skipper. No byte is kept but the start of a name or value under test that a chunk boundary cuts.
 */

import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';
import type { NamedChild } from './automaton/names.ts';
import { MAX_ID_BYTES } from './automaton/nfa-paths.ts';
import type { JsonPlan, PlanInside, PlanNode } from './automaton/plan.ts';
import { EMPTY, HOLD, INSIDE, JsonWalk, PASS, TOO_DEEP, WALK } from './automaton/walk.ts';
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
import { type InsideReader, InsideStrings, type InsideText } from './inside.ts';
import {
  AFTER_NAME,
  AFTER_WATCHED,
  BEGIN,
  DONE,
  EMPTY_CONTAINER,
  EMPTY_STRING,
  FAILED,
  FIRST_NAME,
  FIRST_VALUE,
  HELD,
  IN_INSIDE,
  NAME,
  NEXT,
  SCALAR,
  SKIPPED,
  VALUE,
  WATCHED,
} from './scan-states.ts';
import { ResumableSkipper } from './skip/resumable-skipper.ts';
import { CHECKED_DEPTH, MISMATCH, type Skipper } from './skip/skip.ts';
import { CUT, JsonText, NO_ESCAPE } from './text.ts';

export class JsonScanner {
  /** Why the body cannot be counted; undefined while it can. */
  failure: UncountedReason | undefined = undefined;
  /** The position in the last chunk of what follows a whole JSON text and is not space, which is a failure; else -1. */
  restAt = -1;

  readonly #walk: JsonWalk;
  readonly #skipper: ResumableSkipper;
  readonly #maxTextBytes: number;
  readonly #start = new BodyStart();
  #state = BEGIN;
  /** The byte that ends a container which must be empty. */
  #emptyEnd = CLOSE_ARRAY;
  /** Whether the string under way is a member's name. */
  #isName = false;
  #watched: NamedChild<PlanNode> | null = null;
  /** Whether the skipper passes over the rest of the walked object. */
  #skipsRest = false;
  #text: JsonText | null = null;
  #inside: InsideText | null = null;
  #insideStrings: InsideStrings<PlanInside> | null = null;
  readonly #readerOf: (inside: PlanInside) => InsideReader;

  constructor(plan: JsonPlan, skipper: Skipper, found: PostCount) {
    const tree = plan.tree(found);
    this.#walk = new JsonWalk(tree, found);
    this.#skipper = new ResumableSkipper(skipper);
    this.#maxTextBytes = Math.max(tree.maxTextBytes, MAX_SCALAR_BYTES);
    this.#readerOf = (inside) =>
      'reader' in inside ? inside.reader(found) : new JsonScanner({ tree: () => inside }, skipper, found);
  }

  /** As text in a string, what begins otherwise is neither a list nor a post (an id, a word, a page of HTML). */
  reads(first: number): boolean {
    return first === OPEN_OBJECT || first === OPEN_ARRAY;
  }

  /** Begins anew, before another body or frame, with what was allocated for the last. */
  reset(): void {
    this.failure = undefined;
    this.restAt = -1;
    this.#walk.reset();
    this.#start.reset();
    this.#state = BEGIN;
    this.#isName = false;
    this.#skipsRest = false;
    this.#skipper.reset();
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
        case WATCHED:
          at = this.#watch(chunk, at);
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
          if (!isSpace(byte)) at = this.#mark(byte, chunk, at);
          else
            do at++;
            while (at < end && isSpace(chunk[at]!));
      }
    }
    // What was begun with the chunk's last byte has not run yet, and others have the skipper before the next chunk.
    if (this.#state === SKIPPED || this.#state === WATCHED) this.#skipper.leave();
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

  #begin(byte: number, at: number): number {
    if (this.#start.passes(byte)) return at + 1;
    if (this.#start.failure !== undefined) this.#fail(this.#start.failure);
    else this.#state = VALUE;
    return at;
  }

  /** One byte outside strings, numbers and spaces. */
  #mark(byte: number, chunk: Uint8Array, at: number): number {
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
      case AFTER_WATCHED:
        return this.#afterWatched(byte, at);
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
    } else this.#goOn(NEXT);
  }

  /** Goes on in the walked container: watching for names where that is enough, byte by byte in `state` otherwise. */
  #goOn(state: number): void {
    const { watch } = this.#walk;
    if (watch === null) {
      this.#state = state;
      return;
    }
    const open = this.#walk.isInArray ? OPEN_ARRAY : OPEN_OBJECT;
    this.#skipper.startWatch(open, watch.names, watch.isDeep ? Number.MAX_SAFE_INTEGER : 1);
    this.#state = WATCHED;
  }

  /** Goes on watching for names, up to one of them or to the container's end. */
  #watch(chunk: Uint8Array, from: number): number {
    // The first name in an object often is one of them.
    const isNear = !this.#skipper.isSuspended && chunk[from] === QUOTE;
    let at = isNear ? from : this.#run(chunk, from);
    for (;;) {
      const { depth } = this.#skipper;
      if (at < 0) return chunk.length;
      if (depth === 0) return this.#close(at);
      const close = endOfShortString(chunk, at + 1);
      if (close < 0) return this.#enter(depth) ? this.#watchedString(at + 1) : at;
      const named = this.#walk.namesAt(depth).find(chunk, at + 1, close);
      // Deeper than the skipper knows the brackets of, the walk cannot follow either.
      if (named !== null && (depth > CHECKED_DEPTH || this.#skipper.isInObject(depth))) {
        if (this.#enter(depth)) this.#endName(named);
        return close + 1;
      }
      at = this.#run(chunk, close + 1);
    }
  }

  /** The containers that the skipper has open, down to `depth`, are walked from here on. Returns false at a failure. */
  #enter(depth: number): boolean {
    for (let level = 2; level <= depth; level++) {
      if (this.#walk.enter(!this.#skipper.isInObject(level)) === TOO_DEEP) {
        this.#fail('shape');
        return false;
      }
    }
    return true;
  }

  /** A string begins, long or cut or with an escape, that may be a name that is watched for. */
  #watchedString(at: number): number {
    this.#isName = true;
    return this.#walk.isInArray ? this.#skipString(at) : this.#hold(at);
  }

  /** A string that is a watched name has ended. */
  #afterWatched(byte: number, at: number): number {
    if (byte !== COLON) {
      this.#goOn(NEXT);
      return at;
    }
    this.#state = VALUE;
    this.#beginMember(this.#watched!);
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

  #endName(named: NamedChild<PlanNode> | null): void {
    this.#isName = false;
    if (this.#walk.watch !== null) {
      // A text may read like a name: a colon will tell.
      this.#watched = named;
      if (named === null) this.#goOn(NEXT);
      else this.#state = AFTER_WATCHED;
      return;
    }
    this.#state = AFTER_NAME;
    if (named === null) this.#walk.otherName();
    else this.#beginMember(named);
  }

  #beginMember({ index }: NamedChild<PlanNode>): void {
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
    if (verdict === WALK) this.#goOn(isArray ? FIRST_VALUE : FIRST_NAME);
    else if (verdict === EMPTY) {
      this.#emptyEnd = isArray ? CLOSE_ARRAY : CLOSE_OBJECT;
      this.#state = EMPTY_CONTAINER;
    } else if (verdict === TOO_DEEP) this.#fail('shape');
    else {
      // An object in a list is like the next one: the walk says the same of both.
      if (byte === OPEN_OBJECT && this.#walk.isInArray) this.#skipper.startItem();
      else this.#skipper.startContainer(byte);
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
    this.#insideStrings ??= new InsideStrings(this.#readerOf);
    this.#inside = this.#insideStrings.begin(this.#walk.inside!);
    this.#state = IN_INSIDE;
    return at;
  }

  #inInside(chunk: Uint8Array, from: number): number {
    const inside = this.#inside!;
    const at = inside.write(chunk, from);
    // What scans JSON in the string had the skipper for itself.
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
    const at = this.#run(chunk, from);
    // As many have ended as have begun behind the first.
    for (let ended = this.#skipper.takeNeighbours(); ended > 0; ended--) this.#walk.passed();
    if (at < 0) return chunk.length;
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

  /** Lets the skipper go on. Returns where it stopped; something negative at the chunk's end and at a failure. */
  #run(chunk: Uint8Array, from: number): number {
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
    // Among members that nobody looks at, nobody looks at escapes.
    if (this.#isName && this.#walk.watch !== null) return this.#skipString(text.reached);
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
