/**
 * Follows the plan beside the body: which containers are open on the way to a post, what a value means at its
 * place, and which items pass their test. It sees structure and short values only, never the bytes between.
 */

import type { PostCount } from '../../post-count.ts';
import type { PostId } from '../../post-id.ts';
import type { Literal } from '../../where.ts';
import { MAX_SCALAR_BYTES, sameBytes } from '../bytes.ts';
import { Frame } from './frame.ts';
import { type Names, NO_NAMES } from './names.ts';
import { MAX_ID_BYTES } from './nfa-paths.ts';
import type { PlaceWatch, PlanInside, PlanNode, PlanTree } from './plan.ts';

/** How to go on with a value that begins. */
export const WALK = 0;
export const PASS = 1;
/** It is there and no post: fine as long as it is empty, another shape than promised otherwise. */
export const EMPTY = 2;
/** Its text is needed for a test or an id. */
export const HOLD = 3;
/** Its text is JSON or HTML in which posts stand. */
export const INSIDE = 4;
/** Nested deeper than is followed. */
export const TOO_DEEP = 5;

/** Containers that can be open at once on the way to posts at any depth. */
const MAX_LEVELS = 1024;

const NO_IDS: readonly PostId[] = [];

export class JsonWalk {
  readonly #found: PostCount;
  readonly #root: PlanNode;
  readonly #frames: Frame[];
  #level = 0;
  #frame: Frame;
  /** Where the value stands that is under way or comes next; null where no path leads. */
  #node: PlanNode | null;
  #isPost = false;

  constructor({ root }: PlanTree, found: PostCount) {
    this.#found = found;
    this.#root = root;
    this.#frame = new Frame();
    this.#frames = [this.#frame];
    this.#node = root;
  }

  /** Begins anew, before another body. */
  reset(): void {
    this.#level = 0;
    this.#frame = this.#frames[0]!;
    this.#node = this.#root;
    this.#isPost = false;
  }

  get isInRoot(): boolean {
    return this.#level === 0;
  }

  get isInArray(): boolean {
    return this.#frame.isArray;
  }

  /** The names that lead on from the walked object. */
  get names(): Names<PlanNode> {
    return this.#frame.node?.names ?? NO_NAMES;
  }

  /** What to watch for in the rest of the walked container; null where it must be walked itself. */
  get watch(): PlaceWatch | null {
    const watch = this.#frame.node?.watch ?? null;
    return watch === null || watch.isDeep || !this.#frame.isArray ? watch : null;
  }

  /** The names that lead on from what stands in the walked container at that depth, itself being 1. */
  namesAt(depth: number): Names<PlanNode> {
    return depth === 1 ? this.names : (this.#frame.node?.any?.names ?? NO_NAMES);
  }

  get wantsValue(): boolean {
    return this.#node !== null && this.#node.equalTests.length > 0;
  }

  /** What to look for in the string that begins. */
  get inside(): PlanInside | null {
    return this.#node?.inside ?? null;
  }

  /** Whether nothing in the rest of the walked object can matter: its tests are decided, its ids are known. */
  get isDecided(): boolean {
    const { node, unseen, isArray } = this.#frame;
    return unseen === 0 && !isArray && node?.onlyReadsBelow === true;
  }

  /** A member's name was read, and is that with the number in `names`. Returns false where it stood here before. */
  name(index: number): boolean {
    const frame = this.#frame;
    const { child } = frame.node!.names.list[index]!;
    const isFirst = frame.see(index);
    // Of two members under test the first stands. Of two lists nobody can say which one the client reads.
    this.#node = isFirst ? child : null;
    return isFirst || child.isReadOnly;
  }

  /** A member's name was read that no path names. */
  otherName(): void {
    this.#node = this.#frame.node!.anyMember;
  }

  /** The next element of the walked array begins. */
  element(): void {
    this.#node = this.#frame.node!.any;
  }

  /** A container begins: WALK, PASS, EMPTY or TOO_DEEP. */
  open(isArray: boolean): number {
    const node = this.#node;
    this.#isPost = false;
    if (node === null) return PASS;
    this.#isThere(node);
    for (const { negated, up, bit } of node.equalTests) if (negated) this.#pass(up, bit);
    const isElement = node.element && this.#frame.isArray;
    this.#isPost = isArray ? isElement && node.scalars : node.single || node.element;
    if (isArray) {
      if (node.any === null) return isElement || !node.isStrict ? PASS : EMPTY;
    } else if (node.anyMember === null) {
      if (!this.#isPost && node.isStrict && isForText(node)) return EMPTY;
      if (node.names.size === 0) return PASS;
    }
    return this.#push(node, isArray);
  }

  /** A container in which only names are watched for is walked from here on: WALK or TOO_DEEP. */
  enter(isArray: boolean): number {
    this.#isPost = false;
    return this.#push(this.#frame.node!.any!, isArray);
  }

  #push(node: PlanNode, isArray: boolean): number {
    if (this.#level === MAX_LEVELS) return TOO_DEEP;
    this.#level++;
    if (this.#level === this.#frames.length) this.#frames.push(new Frame());
    const frame = this.#frames[this.#level]!;
    frame.begin(node, isArray, this.#isPost);
    this.#frame = frame;
    if (isArray) this.#node = node.any;
    return WALK;
  }

  /** The walked container has ended. */
  close(): void {
    const { node, isPost, passed, ids } = this.#frame;
    this.#level--;
    this.#frame = this.#frames[this.#level]!;
    if (isPost) this.#count(node!, passed, ids);
  }

  /** What was passed over has ended. */
  passed(): void {
    if (this.#isPost) this.#count(this.#node!, this.#node!.startBits, NO_IDS);
  }

  /** A string begins: PASS, EMPTY, HOLD or INSIDE. */
  string(): number {
    const node = this.#node;
    this.#isPost = false;
    if (node === null) return PASS;
    this.#isThere(node);
    const isElement = node.element && this.#frame.isArray;
    this.#isPost = isElement && node.scalars;
    if (node.equalTests.length > 0 || node.ids.length > 0) return HOLD;
    if (node.inside !== null) return INSIDE;
    return isElement || !node.isStrict ? PASS : EMPTY;
  }

  /**
   * A string under test has ended; its bytes stand in `chunk` from `from` to `to`. Returns false where the shape is
   * not as promised.
   */
  heldString(chunk: Uint8Array, from: number, to: number, isTooLong: boolean): boolean {
    const node = this.#node!;
    for (const { strings, negated, up, bit } of node.equalTests) {
      const isEqual = !isTooLong && strings.some((text) => sameBytes(chunk, from, to, text));
      if (isEqual !== negated) this.#pass(up, bit);
    }
    if (!isTooLong && to - from <= MAX_ID_BYTES) this.#readIds(node, chunk, from, to);
    this.passed();
    return (node.element && this.#frame.isArray) || !node.isStrict || from === to;
  }

  /**
   * A number, true, false or null has ended; its text stands in `chunk` from `from` to `to`. Returns false where the
   * shape is not as promised.
   */
  scalar(value: Literal, chunk: Uint8Array, from: number, to: number): boolean {
    const node = this.#node;
    if (node === null) return true;
    for (const { others, negated, up, bit } of node.equalTests) {
      if (others.includes(value) !== negated) this.#pass(up, bit);
    }
    if (value === null) return true;
    this.#isThere(node);
    if (typeof value === 'number' && to - from <= MAX_SCALAR_BYTES) this.#readIds(node, chunk, from, to);
    const isElement = node.element && this.#frame.isArray;
    this.#isPost = isElement && node.scalars;
    this.passed();
    return isElement || !node.isStrict || value === false;
  }

  #isThere(node: PlanNode): void {
    for (const { passes, up, bit } of node.presenceTests) {
      if (passes) this.#pass(up, bit);
      else this.#frames[this.#level - up]!.passed &= ~bit;
    }
  }

  #pass(up: number, bit: number): void {
    this.#frames[this.#level - up]!.passed |= bit;
  }

  #readIds(node: PlanNode, chunk: Uint8Array, from: number, to: number): void {
    for (const { up, slot, origin } of node.ids) {
      const frame = this.#frames[this.#level - up]!;
      if (origin === null) frame.ids[slot]!.read(chunk, from, to);
      else frame.readOrigin(slot, origin, chunk, from, to);
    }
  }

  /** The first rule that fits says the kind. */
  #count(node: PlanNode, passed: number, ids: readonly PostId[]): void {
    for (const { rule, test, idSlot } of node.items) {
      if ((test & passed) !== test) continue;
      // An index below 0 is looked up as a name, which took 5 % of the CPU of a request with 100 posts.
      this.#found.found(rule, idSlot < 0 ? null : (ids[idSlot] ?? null));
      return;
    }
  }
}

/** Whether a string with posts in it is promised here and no object: what reads in one promises none. */
function isForText({ inside, names }: PlanNode): boolean {
  return inside !== null && names.list.every(({ child }) => child.isReadOnly);
}
