/**
 * Follows the plan through the document: the open elements on the way to an item, the values that its tests and ids
 * read, and the items that pass.
 */

import type { PostCount } from '../post-count.ts';
import { PostId } from '../post-id.ts';
import type { UncountedReason } from '../uncounted.ts';
import { isAttributeMeant, isElementMeant } from './name.ts';
import { Namespaces } from './namespaces.ts';
import type { Read, XmlNode, XmlPlan } from './plan.ts';
import { MAX_TEXT, type XmlEvents } from './sax.ts';

/** Deeper elements are only counted, because no path of a plan leads there. */
const MAX_DEPTH = 256;
/** Maximum number of attributes of one tag that are examined. */
const MAX_ATTRIBUTES = 64;

/** Maximum number of end tags in a document without an open element. Each is searched among all open elements. */
const MAX_STRAYS = 1000;

class Frame {
  name = '';
  namespace: string | undefined = '';
  /** The nodes of the plan at this element; several if a name with and without a prefix match it. */
  readonly nodes: XmlNode[] = [];
  /** Whether the text of this element is read. */
  isRead = false;
  text = '';
  isTooLong = false;
}

export class XmlWalk implements XmlEvents {
  failure: UncountedReason | undefined;
  /** True if the plan contains the root. */
  hasPromisedRoot = false;
  readonly #plan: XmlPlan;
  readonly #found: PostCount;
  /** By selector: the id of the current item, and the rank of its source. */
  readonly #ids: readonly PostId[];
  readonly #ranks: Uint8Array;
  readonly #frames: Frame[] = [new Frame()];
  readonly #namespaces = new Namespaces();
  readonly #attributes: Array<{ readonly name: string; readonly value: string | null }> = [];
  #depth = 0;
  /** Number of open elements below the deepest frame. */
  #below = 0;
  #strays = 0;
  #name = '';
  #isOver = false;
  /** Number of open elements whose text is read. */
  #reading = 0;
  /**
   * One bit for each selector: whether the current item has a value to test, and whether a value satisfies the test.
   */
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
    // Assigning a length costs time even if it changes nothing.
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

  /** Content after the root is noise, except another root: then it is unknown which of them counts. */
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

  /** Starts an element that the plan contains. */
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
      // A longer text is tested by its beginning.
      if (fits(trimmed)) this.#fitting |= 1 << index;
      return;
    }
    const id = this.#ids[index]!;
    if (isTooLong || trimmed === '' || (id.isKnown && this.#ranks[index]! <= rank)) return;
    id.readText(trimmed);
    this.#ranks[index] = rank;
  }

  /** Also ends elements that were left open inside. Their end is unknown, so they do not count. */
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

  /** The first matching selector determines the kind. */
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

  /** Ends the document. */
  end(): void {
    if (this.#isOver) return;
    this.failure ??= this.#depth === 0 ? 'not_xml' : 'truncated';
  }
}

function isDeclaration(name: string): boolean {
  return name === 'xmlns' || name.startsWith('xmlns:');
}
