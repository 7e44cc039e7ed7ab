/**
 * Follows the plan beside the body: which containers are open on the way to a post, what a value means at its
 * place, and which items pass their test. It sees structure and short values only, never the bytes between.
 */

import type { PostCount } from '../post-count.ts';
import type { Literal } from '../where.ts';
import { sameBytes } from './bytes.ts';
import type { JsonPlan, MemberTest, NamedChild, PlanNode } from './plan.ts';

/** How to go on with a value that begins. */
export const WALK = 0;
export const PASS = 1;
/** It is there and no post: fine as long as it is empty, another shape than promised otherwise. */
export const EMPTY = 2;
/** Its text is needed for a test. */
export const HOLD = 3;

class Frame {
  node: PlanNode | null = null;
  isArray = false;
  isPost = false;
  /** The bits of the names that stood here already. */
  seen = 0;
}

const NO_NAMES: readonly NamedChild[] = [];

export class JsonWalk {
  readonly #found: PostCount;
  readonly #rules: readonly number[];
  readonly #frames: Frame[];
  #level = 0;
  #frame: Frame;
  /** Where the value stands that is under way or comes next; null where no path leads. */
  #node: PlanNode | null;
  #isPost = false;
  /** The selectors whose test the item under way has passed. */
  #passed = 0;

  constructor(plan: JsonPlan, found: PostCount) {
    this.#found = found;
    this.#rules = plan.rules;
    this.#frame = new Frame();
    this.#frames = [this.#frame];
    this.#node = plan.root;
  }

  get isInRoot(): boolean {
    return this.#level === 0;
  }

  get isInArray(): boolean {
    return this.#frame.isArray;
  }

  /** The names that lead on from the walked object. */
  get names(): readonly NamedChild[] {
    return this.#frame.node?.names ?? NO_NAMES;
  }

  /** Whether members of the walked object that no path names lead nowhere. */
  get hasLooseMembers(): boolean {
    return this.#frame.node?.anyMember === null;
  }

  get wantsValue(): boolean {
    return this.#node !== null && this.#node.tests.length > 0;
  }

  /** Whether nothing in the rest of the walked object can matter: its tests are decided. */
  get isDecided(): boolean {
    const { node, seen, isArray } = this.#frame;
    return node?.onlyTestsBelow === true && !isArray && seen === (1 << node.names.length) - 1;
  }

  /** A member's name was read; null for one that no path names. Returns false where it stood here before. */
  name(named: NamedChild | null): boolean {
    if (named === null) {
      this.#node = this.#frame.node!.anyMember;
      return true;
    }
    const stoodBefore = (this.#frame.seen & named.bit) !== 0;
    this.#frame.seen |= named.bit;
    // Of two members under test the first stands. Of two lists nobody can say which one the client reads.
    this.#node = stoodBefore ? null : named.child;
    return !stoodBefore || named.child.testsOnly;
  }

  /** The next element of the walked array begins. */
  element(): void {
    this.#node = this.#frame.node!.any;
  }

  /** A container begins: WALK, PASS or EMPTY. */
  open(isArray: boolean): number {
    const node = this.#node;
    this.#isPost = false;
    if (node === null) return PASS;
    const isElement = node.element && this.#frame.isArray;
    this.#passed &= ~node.testedMask;
    for (const test of node.tests) if (test.negated) this.#passed |= test.bit;
    this.#isPost = isElement || (!isArray && (node.single || node.element));
    if (isArray) {
      if (node.any === null) return this.#isPost || node.testsOnly ? PASS : EMPTY;
    } else if (node.names.length === 0 && node.anyMember === null) return PASS;
    this.#push(node, isArray);
    return WALK;
  }

  #push(node: PlanNode, isArray: boolean): void {
    this.#level++;
    if (this.#level === this.#frames.length) this.#frames.push(new Frame());
    const frame = this.#frames[this.#level]!;
    frame.node = node;
    frame.isArray = isArray;
    frame.isPost = this.#isPost;
    frame.seen = 0;
    this.#frame = frame;
    if (isArray) this.#node = node.any;
  }

  /** The walked container has ended. */
  close(): void {
    const { node, isPost } = this.#frame;
    this.#level--;
    this.#frame = this.#frames[this.#level]!;
    if (isPost) this.#count(node!);
  }

  /** What was passed over has ended. */
  passed(): void {
    if (this.#isPost) this.#count(this.#node!);
  }

  /** A string begins: PASS, EMPTY or HOLD. */
  string(): number {
    const node = this.#node;
    this.#isPost = false;
    if (node === null) return PASS;
    this.#passed &= ~node.testedMask;
    this.#isPost = node.element && this.#frame.isArray;
    if (node.tests.length > 0) return HOLD;
    return this.#isPost || node.testsOnly ? PASS : EMPTY;
  }

  /**
   * A string under test has ended; its bytes stand in `chunk` from `from` to `to`. Returns false where the shape is
   * not as promised.
   */
  heldString(chunk: Uint8Array, from: number, to: number, isTooLong: boolean): boolean {
    const node = this.#node!;
    for (const test of node.tests) {
      const isEqual = !isTooLong && test.strings.some((text) => sameBytes(chunk, from, to, text));
      if (isEqual !== test.negated) this.#passed |= test.bit;
    }
    this.passed();
    return this.#isPost || node.testsOnly || from === to;
  }

  /** A number, true, false or null has ended. Returns false where the shape is not as promised. */
  scalar(value: Literal): boolean {
    const node = this.#node;
    if (node === null) return true;
    this.#passed &= ~node.testedMask;
    for (const test of node.tests) if (isPassed(test, value)) this.#passed |= test.bit;
    if (value === null) return true;
    this.#isPost = node.element && this.#frame.isArray;
    this.passed();
    return this.#isPost || node.testsOnly || value === false;
  }

  #count(node: PlanNode): void {
    const fitting = node.untestedMask | (this.#passed & node.testedMask);
    // The first rule that fits says the kind: the lowest bit.
    if (fitting !== 0) this.#found.found(this.#rules[31 - Math.clz32(fitting & -fitting)]!, null);
  }
}

function isPassed({ others, negated }: MemberTest, value: Literal): boolean {
  return others.includes(value) !== negated;
}
