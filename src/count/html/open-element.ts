/** One open element: its place among its siblings, and what the selectors found out about it. Used again and again. */

import type { Step } from './plan.ts';

/** Element types that are told apart among the children of one element. */
const MAX_TYPES = 4096;

/** No selector finds anything. */
export const EVERYTHING = -1;

const NO_STEPS: readonly Step[] = [];

export class OpenElement {
  name = '';
  /** Of `elements.ts`. */
  flags = 0;
  /** Inside SVG or MathML. */
  isForeign = false;
  /** Its place among its siblings, and among those of its type, from 1 up; the latter where somebody asks. */
  place = 0;
  placeOfType = 0;
  /** One bit for each selector that fits. */
  items = 0;
  /** One bit for each selector that finds nothing in here. */
  excluded = 0;
  /** The steps that wait for any descendant, and those that wait for a child. */
  below = NO_STEPS;
  children = NO_STEPS;
  /** Its id as an item. */
  hasId = false;
  high = 0;
  low = 0;
  isInNoscript = false;
  /** The innermost item around it. */
  wrapper: OpenElement | null = null;
  /** Whether the post that it is was counted by an element inside of it. */
  isCountedInside = false;
  #childCount = 0;
  #types: Map<string, number> | null = null;

  /** Takes its place as the next child of `parent`. Returns false where nobody can count its types any more. */
  enter(parent: OpenElement, countsTypes: boolean): boolean {
    this.#childCount = 0;
    this.#types?.clear();
    this.place = ++parent.#childCount;
    if (!countsTypes) return true;
    parent.#types ??= new Map();
    this.placeOfType = (parent.#types.get(this.name) ?? 0) + 1;
    parent.#types.set(this.name, this.placeOfType);
    return parent.#types.size <= MAX_TYPES;
  }

  /** Looks for what waits here: the steps of selectors that may fit it as a child of `parent`. */
  match(parent: OpenElement, starts: readonly Step[], fits: (step: Step) => boolean): void {
    this.items = 0;
    this.excluded = parent.excluded;
    this.below = parent.below;
    this.children = NO_STEPS;
    this.hasId = false;
    this.isInNoscript = parent.isInNoscript || parent.name === 'noscript';
    this.wrapper = parent.items === 0 ? parent.wrapper : parent;
    this.isCountedInside = false;
    for (const step of starts) if (fits(step)) this.#took(step);
    for (const step of parent.below) if (fits(step)) this.#took(step);
    for (const step of parent.children) if (fits(step)) this.#took(step);
    this.items &= ~this.excluded;
  }

  #took({ next, nextIsChild, item, excludes }: Step): void {
    this.items |= item;
    this.excluded |= excludes;
    if (next === null) return;
    if (nextIsChild) {
      if (!this.children.includes(next)) this.children = [...this.children, next];
    } else if (!this.below.includes(next)) this.below = [...this.below, next];
  }
}
