/**
 * Follows the plan beside the document: which elements are open on the way to an item, what of them is read for
 * tests and ids, and which items pass.
 */

import type { PostCount } from '../post-count.ts';
import { PostId } from '../post-id.ts';
import type { UncountedReason } from '../uncounted.ts';
import { isAttributeMeant, isElementMeant } from './name.ts';
import { Namespaces } from './namespaces.ts';
import type { Read, XmlNode, XmlPlan } from './plan.ts';
import { MAX_TEXT, type XmlEvents } from './sax.ts';

/** Elements deeper than this are only counted: no path of a plan leads there. */
const MAX_DEPTH = 256;
/** Attributes of one tag that are looked at. */
const MAX_ATTRIBUTES = 64;

/** End tags that end nothing, in one document. Each is looked for among all that is open. */
const MAX_STRAYS = 1000;

class Frame {
  name = '';
  namespace: string | undefined = '';
  /** Where the plan stands here; several, where a name and a name with a prefix mean one element. */
  readonly nodes: XmlNode[] = [];
  /** Whether the text of this element is read. */
  isRead = false;
  text = '';
  isTooLong = false;
}

export class XmlWalk implements XmlEvents {
  failure: UncountedReason | undefined;
  /** The root is one that the plan knows. */
  hasPromisedRoot = false;
  readonly #plan: XmlPlan;
  readonly #found: PostCount;
  /** By selector: the id of the item under way, and the rank of what it was read from. */
  readonly #ids: readonly PostId[];
  readonly #ranks: Uint8Array;
  readonly #frames: Frame[] = [new Frame()];
  readonly #namespaces = new Namespaces();
  readonly #attributes: Array<{ readonly name: string; readonly value: string | null }> = [];
  #depth = 0;
  /** Open elements below the deepest frame. */
  #below = 0;
  #strays = 0;
  #name = '';
  #isOver = false;
  /** Open elements whose text is read. */
  #reading = 0;
  /** The selectors that something to test was there for in the item under way, and those that it fits. One bit each. */
  #there = 0;
  #fitting = 0;

  constructor(plan: XmlPlan, found: PostCount) {
    this.#plan = plan;
    this.#found = found;
    this.#ids = Array.from({ length: plan.selectors }, () => new PostId());
    this.#ranks = new Uint8Array(plan.selectors);
    this.#frames[0]!.nodes.push(plan.document);
  }

  get wantsText(): boolean {
    return this.#reading > 0;
  }

  open(name: string): void {
    this.#name = name;
    // Setting a length costs even where it changes nothing.
    if (this.#attributes.length > 0) this.#attributes.length = 0;
  }

  wantsAttribute(name: string): boolean {
    if (this.#frames[this.#depth]!.nodes.length === 0 || this.#below > 0) return false;
    if (this.#attributes.length === MAX_ATTRIBUTES) return false;
    return isDeclaration(name) || this.#plan.attributes.has(name.slice(name.indexOf(':') + 1));
  }

  attribute(name: string, value: string | null): void {
    this.#attributes.push({ name, value });
  }

  opened(isEmpty: boolean): void {
    if (this.#isOver) {
      if (this.#isPromised(this.#name)) this.failure ??= 'not_xml';
      return;
    }
    if (this.#depth === MAX_DEPTH) this.#below++;
    else this.#enter();
    if (isEmpty) this.#leave();
  }

  /** Behind the root all is noise, except another root: which of them counts is not known then. */
  #isPromised(name: string): boolean {
    const local = name.slice(name.indexOf(':') + 1);
    return this.#plan.document.children.some((child) => child.name.local === local);
  }

  #enter(): void {
    const parent = this.#frames[this.#depth++]!;
    if (this.#depth === this.#frames.length) this.#frames.push(new Frame());
    const frame = this.#frames[this.#depth]!;
    frame.name = this.#name;
    if (frame.nodes.length > 0) frame.nodes.length = 0;
    frame.isRead = false;
    if (parent.nodes.length > 0) this.#follow(parent, frame);
    if (this.#depth !== 1) return;
    if (frame.nodes.length === 0) this.failure ??= 'shape';
    else this.hasPromisedRoot = true;
  }

  #follow(parent: Frame, frame: Frame): void {
    for (const { name, value } of this.#attributes) {
      if (isDeclaration(name)) this.#namespaces.declare(name, value ?? '', this.#depth);
    }
    const name = this.#namespaces.resolve(frame.name);
    frame.namespace = name.namespace;
    for (const node of parent.nodes) {
      for (const child of node.children) {
        if (!isElementMeant(child.name, name, parent.namespace) || frame.nodes.includes(child.node)) continue;
        frame.nodes.push(child.node);
      }
    }
    for (const node of frame.nodes) this.#begin(node, frame);
  }

  /** An element begins that the plan knows. */
  #begin(node: XmlNode, frame: Frame): void {
    for (const { index } of node.selectors) {
      this.#there &= ~(1 << index);
      this.#fitting &= ~(1 << index);
      this.#ids[index]!.clear();
    }
    if (node.attributes.length > 0) this.#readAttributes(node);
    if (node.reads.length === 0 || frame.isRead) return;
    frame.isRead = true;
    frame.text = '';
    frame.isTooLong = false;
    this.#reading++;
  }

  #readAttributes(node: XmlNode): void {
    for (const { name, value } of this.#attributes) {
      const found = this.#namespaces.resolve(name);
      for (const attribute of node.attributes) {
        if (isAttributeMeant(attribute.name, found)) this.#read(attribute.read, value ?? '', value === null);
      }
    }
  }

  text(piece: string | null): void {
    for (let depth = this.#depth, left = this.#reading; left > 0; depth--) {
      const frame = this.#frames[depth]!;
      if (!frame.isRead) continue;
      left--;
      if (frame.isTooLong) continue;
      frame.text += piece ?? '';
      frame.isTooLong = piece === null || frame.text.length > MAX_TEXT;
    }
  }

  #read({ index, fits, rank }: Read, text: string, isTooLong: boolean): void {
    const trimmed = text.trim();
    if (fits !== null) {
      this.#there |= 1 << index;
      // A longer text is tested on its beginning.
      if (fits(trimmed)) this.#fitting |= 1 << index;
      return;
    }
    const id = this.#ids[index]!;
    if (isTooLong || trimmed === '' || (id.isKnown && this.#ranks[index]! <= rank)) return;
    id.readText(trimmed);
    this.#ranks[index] = rank;
  }

  /** Elements that were left open inside are over too, and as nobody knows where they ended, they count as nothing. */
  close(name: string): void {
    if (this.#isOver) return;
    if (this.#below > 0) {
      this.#below--;
      return;
    }
    let depth = this.#depth;
    while (depth > 0 && this.#frames[depth]!.name !== name) depth--;
    if (depth === 0) {
      if (++this.#strays > MAX_STRAYS) this.failure ??= 'not_xml';
      return;
    }
    while (this.#depth > depth) this.#drop();
    this.#leave();
  }

  #leave(): void {
    if (this.#below > 0) {
      this.#below--;
      return;
    }
    const { nodes, isRead, text, isTooLong } = this.#frames[this.#depth]!;
    if (isRead) for (const node of nodes) for (const read of node.reads) this.#read(read, text, isTooLong);
    this.#drop();
    if (nodes.length > 0) this.#count(nodes);
  }

  #drop(): void {
    if (this.#frames[this.#depth]!.isRead) this.#reading--;
    this.#namespaces.leave(this.#depth);
    this.#depth--;
    if (this.#depth === 0) this.#isOver = true;
  }

  /** The first selector that fits says the kind. */
  #count(nodes: readonly XmlNode[]): void {
    let first = -1;
    for (const { selectors } of nodes) {
      for (const { index, test } of selectors) {
        const bit = 1 << index;
        if (test !== null && !test.passes((this.#there & bit) !== 0, (this.#fitting & bit) !== 0)) continue;
        if (first < 0 || index < first) first = index;
      }
    }
    if (first >= 0) this.#found.found(first, this.#ids[first]!);
  }

  /** The document is over. */
  end(): void {
    if (this.#isOver) return;
    this.failure ??= this.#depth === 0 ? 'not_xml' : 'truncated';
  }
}

function isDeclaration(name: string): boolean {
  return name === 'xmlns' || name.startsWith('xmlns:');
}
