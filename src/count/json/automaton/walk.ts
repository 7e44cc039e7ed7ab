/**
 * Runs the automaton while the scanner reads a body: it tracks the open containers on a path to posts, decides what a
 * value means in its state, and counts the items that pass their tests. It sees structure and short values only.
 */

import type { PostCount } from '../../post-count.ts';
import type { PostId } from '../../post-id.ts';
import type { Literal } from '../../where.ts';
import { MAX_SCALAR_BYTES, sameBytes } from '../bytes.ts';
import { Frame } from './frame.ts';
import { type Names, NO_NAMES } from './names.ts';
import { MAX_ID_BYTES } from './nfa-paths.ts';
import type { Dfa, DfaState, EmbeddedPlan, ScopedKeyFilter } from './plan.ts';

/** How the scanner must read a value that begins. */
export const WALK = 0;
export const SKIP = 1;
/** The value is present and not a post. It must be empty; otherwise the body does not have the promised shape. */
export const MUST_BE_EMPTY = 2;
/** The text is needed for a test or an id. */
export const HOLD = 3;
/** The text is JSON or HTML that contains posts. */
export const EMBEDDED = 4;
/** The value is nested deeper than `MAX_LEVELS`. */
export const TOO_DEEP = 5;

/** Maximum number of open containers on a path to posts. */
const MAX_LEVELS = 1024;

const NO_IDS: readonly PostId[] = [];

export class JsonWalk {
  readonly #found: PostCount;
  readonly #start: DfaState;
  readonly #frames: Frame[];
  #level = 0;
  #frame: Frame;
  /** The state of the current or next value; null if no path leads there. */
  #state: DfaState | null;
  #isPost = false;

  constructor({ start }: Dfa, found: PostCount) {
    this.#found = found;
    this.#start = start;
    this.#frame = new Frame();
    this.#frames = [this.#frame];
    this.#state = start;
  }

  /** Prepares for another body. */
  reset(): void {
    this.#level = 0;
    this.#frame = this.#frames[0]!;
    this.#state = this.#start;
    this.#isPost = false;
  }

  get isInRoot(): boolean {
    return this.#level === 0;
  }

  get isInArray(): boolean {
    return this.#frame.isArray;
  }

  /** The names that continue from the walked object. */
  get names(): Names<DfaState> {
    return this.#frame.state?.names ?? NO_NAMES;
  }

  /** The key filter for the rest of the walked container; null if it must be walked. */
  get keyFilter(): ScopedKeyFilter | null {
    const keyFilter = this.#frame.state?.keyFilter ?? null;
    return keyFilter === null || keyFilter.isDeep || !this.#frame.isArray ? keyFilter : null;
  }

  /** The names that continue from containers at that depth in the walked container, which has depth 1. */
  namesAt(depth: number): Names<DfaState> {
    return depth === 1 ? this.names : (this.#frame.state?.any?.names ?? NO_NAMES);
  }

  get wantsValue(): boolean {
    return this.#state !== null && this.#state.equalTests.length > 0;
  }

  /** The plan for the JSON or HTML in the string that begins. */
  get embedded(): EmbeddedPlan | null {
    return this.#state?.embedded ?? null;
  }

  /** Whether the rest of the walked object cannot matter: its tests are decided and its ids are known. */
  get isDecided(): boolean {
    const { state, unseen, isArray } = this.#frame;
    return unseen === 0 && !isArray && state?.onlyReadsBelow === true;
  }

  /** A name of `names` was read, identified by its index. Returns false if it is an unacceptable duplicate. */
  name(index: number): boolean {
    const frame = this.#frame;
    const { child } = frame.state!.names.list[index]!;
    const isFirst = frame.see(index);
    // Of duplicate members under test the first counts. For duplicate lists, the client's choice is unknown.
    this.#state = isFirst ? child : null;
    return isFirst || child.isReadOnly;
  }

  /** A name was read that no path contains. */
  otherName(): void {
    this.#state = this.#frame.state!.anyMember;
  }

  /** The next element of the walked array begins. */
  element(): void {
    this.#state = this.#frame.state!.any;
  }

  /** A container begins. Returns WALK, SKIP, MUST_BE_EMPTY or TOO_DEEP. */
  open(isArray: boolean): number {
    const state = this.#state;
    this.#isPost = false;
    if (state === null) return SKIP;
    this.#markPresent(state);
    for (const { negated, up, bit } of state.equalTests) if (negated) this.#pass(up, bit);
    const isElement = state.element && this.#frame.isArray;
    this.#isPost = isArray ? isElement && state.scalars : state.single || state.element;
    if (isArray) {
      if (state.any === null) return isElement || !state.isStrict ? SKIP : MUST_BE_EMPTY;
    } else if (state.anyMember === null) {
      if (!this.#isPost && state.isStrict && isForText(state)) return MUST_BE_EMPTY;
      if (state.names.size === 0) return SKIP;
    }
    return this.#push(state, isArray);
  }

  /** Walks a container that was read with the key filter until now. Returns WALK or TOO_DEEP. */
  enter(isArray: boolean): number {
    this.#isPost = false;
    return this.#push(this.#frame.state!.any!, isArray);
  }

  #push(state: DfaState, isArray: boolean): number {
    if (this.#level === MAX_LEVELS) return TOO_DEEP;
    this.#level++;
    if (this.#level === this.#frames.length) this.#frames.push(new Frame());
    const frame = this.#frames[this.#level]!;
    frame.begin(state, isArray, this.#isPost);
    this.#frame = frame;
    if (isArray) this.#state = state.any;
    return WALK;
  }

  /** The walked container has ended. */
  close(): void {
    const { state, isPost, passed, ids } = this.#frame;
    this.#level--;
    this.#frame = this.#frames[this.#level]!;
    if (isPost) this.#count(state!, passed, ids);
  }

  /** A value that was skipped has ended. */
  endSkipped(): void {
    if (this.#isPost) this.#count(this.#state!, this.#state!.startBits, NO_IDS);
  }

  /** A string begins. Returns SKIP, MUST_BE_EMPTY, HOLD or EMBEDDED. */
  string(): number {
    const state = this.#state;
    this.#isPost = false;
    if (state === null) return SKIP;
    this.#markPresent(state);
    const isElement = state.element && this.#frame.isArray;
    this.#isPost = isElement && state.scalars;
    if (state.equalTests.length > 0 || state.ids.length > 0) return HOLD;
    if (state.embedded !== null) return EMBEDDED;
    return isElement || !state.isStrict ? SKIP : MUST_BE_EMPTY;
  }

  /**
   * A held string has ended; its bytes are in `chunk` from `from` to `to`. Returns false if the shape is not as
   * promised.
   */
  heldString(chunk: Uint8Array, from: number, to: number, isTooLong: boolean): boolean {
    const state = this.#state!;
    for (const { strings, negated, up, bit } of state.equalTests) {
      const isEqual = !isTooLong && strings.some((text) => sameBytes(chunk, from, to, text));
      if (isEqual !== negated) this.#pass(up, bit);
    }
    if (!isTooLong && to - from <= MAX_ID_BYTES) this.#readIds(state, chunk, from, to);
    this.endSkipped();
    return (state.element && this.#frame.isArray) || !state.isStrict || from === to;
  }

  /**
   * A number, true, false or null has ended; its text is in `chunk` from `from` to `to`. Returns false if the shape is
   * not as promised.
   */
  scalar(value: Literal, chunk: Uint8Array, from: number, to: number): boolean {
    const state = this.#state;
    if (state === null) return true;
    for (const { others, negated, up, bit } of state.equalTests) {
      if (others.includes(value) !== negated) this.#pass(up, bit);
    }
    if (value === null) return true;
    this.#markPresent(state);
    if (typeof value === 'number' && to - from <= MAX_SCALAR_BYTES) this.#readIds(state, chunk, from, to);
    const isElement = state.element && this.#frame.isArray;
    this.#isPost = isElement && state.scalars;
    this.endSkipped();
    return isElement || !state.isStrict || value === false;
  }

  #markPresent(state: DfaState): void {
    for (const { passes, up, bit } of state.presenceTests) {
      if (passes) this.#pass(up, bit);
      else this.#frames[this.#level - up]!.passed &= ~bit;
    }
  }

  #pass(up: number, bit: number): void {
    this.#frames[this.#level - up]!.passed |= bit;
  }

  #readIds(state: DfaState, chunk: Uint8Array, from: number, to: number): void {
    for (const { up, slot, origin } of state.ids) {
      const frame = this.#frames[this.#level - up]!;
      if (origin === null) frame.ids[slot]!.read(chunk, from, to);
      else frame.readOrigin(slot, origin, chunk, from, to);
    }
  }

  /** The first matching rule determines the kind. */
  #count(state: DfaState, passed: number, ids: readonly PostId[]): void {
    for (const { rule, test, idSlot } of state.items) {
      if ((test & passed) !== test) continue;
      // An index below 0 is looked up as a name, which took 5 % of the CPU of a request with 100 posts.
      this.#found.found(rule, idSlot < 0 ? null : (ids[idSlot] ?? null));
      return;
    }
  }
}

/** Whether a string with embedded posts is promised here and not an object. Tests and ids do not promise an object. */
function isForText({ embedded, names }: DfaState): boolean {
  return embedded !== null && names.list.every(({ child }) => child.isReadOnly);
}
