/** One open element: its place among its siblings and its matched selectors. Instances are reused. */

import { PostId } from '../post-id.ts';
import type { SelectorStep } from './plan.ts';

/** Maximum number of element types that are distinguished among the children of one element. */
const MAX_TYPES = 4096;

/** All selectors are excluded. */
export const EVERYTHING = -1;

const NO_STEPS: readonly SelectorStep[] = [];

/** An item that has ended, with a copy of its id, until it is known whether it counts. */
export interface HeldItem {
  readonly selector: number;
  readonly id: PostId;
}

export class OpenElement {
  name = '';
  /** Flags of `elements.ts`. */
  flags = 0;
  /** True inside SVG or MathML. */
  isForeign = false;
  /**
   * Its place among its siblings, and among siblings of its type, from 1. The latter is set only if a selector needs
   * it.
   */
  place = 0;
  placeOfType = 0;
  /** One bit for each matching selector. */
  items = 0;
  /** One bit for each selector that is excluded inside this element. */
  excluded = 0;
  /** The steps that wait for a descendant, and those that wait for a child. */
  below = NO_STEPS;
  children = NO_STEPS;
  /** Its id as an item. */
  readonly id = new PostId();
  isInNoscript = false;
  /** The innermost enclosing item. */
  wrapper: OpenElement | null = null;
  /** True if the same post was counted by an element inside this one. */
  isCountedInside = false;
  #childCount = 0;
  #types: Map<string, number> | null = null;

  /** Becomes the next child of `parent`. Returns false if the parent has too many types to count. */
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

  /** Matches the steps that wait here, as a child of `parent`. */
  match(parent: OpenElement, starts: readonly SelectorStep[], fits: (step: SelectorStep) => boolean): void {
    this.items = 0;
    this.excluded = parent.excluded;
    this.below = parent.below;
    this.children = NO_STEPS;
    this.id.clear();
    this.isInNoscript = parent.isInNoscript || parent.name === 'noscript';
    this.wrapper = parent.items === 0 ? parent.wrapper : parent;
    this.isCountedInside = false;
    for (const step of starts) if (fits(step)) this.#took(step);
    for (const step of parent.below) if (fits(step)) this.#took(step);
    for (const step of parent.children) if (fits(step)) this.#took(step);
    this.items &= ~this.excluded;
  }

  #took({ next, nextIsChild, item, excludes }: SelectorStep): void {
    this.items |= item;
    this.excluded |= excludes;
    if (next === null) return;
    if (nextIsChild) {
      if (!this.children.includes(next)) this.children = [...this.children, next];
    } else if (!this.below.includes(next)) this.below = [...this.below, next];
  }
}
