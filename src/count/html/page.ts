/**
 * Finds the posts of a page: follows the selectors down its open elements, counts an element that one fits when it
 * ends, and reads the scripts of JSON-LD. A script that is no JSON makes the page doubtful, where posts are looked
 * for in it ('not_json').
 */

import type { PostCount } from '../post-count.ts';
import { PostId } from '../post-id.ts';
import type { UncountedReason } from '../uncounted.ts';
import { fits } from './compound.ts';
import { idIn } from './id-source.ts';
import { isJsonLd, JsonLdScript } from './json-ld.ts';
import { Noscript } from './noscript.ts';
import { EVERYTHING, type OpenElement } from './open-element.ts';
import { type ElementEvents, OpenElements } from './open-elements.ts';
import { Otherwise } from './otherwise.ts';
import type { HtmlPlan, Step } from './plan.ts';
import { type TagEvents, Tags } from './tags.ts';

export class Page implements TagEvents, ElementEvents {
  /** Why nothing in the page can be counted. */
  failure: UncountedReason | undefined = undefined;
  readonly #plan: HtmlPlan;
  readonly #found: PostCount;
  readonly #tags: Tags;
  readonly #elements: OpenElements;
  readonly #otherwise: Otherwise;
  readonly #noscript: Noscript;
  readonly #id = new PostId();
  #script: JsonLdScript | null = null;

  constructor(plan: HtmlPlan, found: PostCount) {
    this.#plan = plan;
    this.#found = found;
    this.#tags = new Tags(plan.attributes, this);
    this.#elements = new OpenElements(this);
    this.#otherwise = new Otherwise(plan.rivals);
    this.#noscript = new Noscript(plan.kinds);
  }

  get hasTags(): boolean {
    return this.#tags.hasTags;
  }

  write(text: string): void {
    this.#tags.write(text);
  }

  /** The page is over, and with it what is still open. */
  end(): void {
    this.#elements.end();
    this.cut();
  }

  /** The rest of the page was not delivered: what is still open counts as nothing. */
  cut(): void {
    if (this.failure !== undefined) return;
    this.#noscript.release(this.#found, (selector) => this.#otherwise.saw(selector));
    this.#otherwise.release(this.#found);
  }

  #fail(reason: UncountedReason): void {
    this.failure ??= reason;
    this.#tags.stop();
  }

  get isForeign(): boolean {
    return this.#elements.isForeign;
  }

  startTag(name: string, closesItself: boolean): boolean {
    this.#elements.open(name, closesItself);
    return this.#script !== null;
  }

  endTag(name: string): void {
    this.#elements.close(name);
  }

  text(piece: string): void {
    this.#script?.write(piece);
  }

  tooLong(): void {
    this.#fail('too_large');
  }

  tooDeep(): void {
    this.#fail('shape');
  }

  opened(element: OpenElement, parent: OpenElement): void {
    const { starts, countsTypes, jsonLd, typeSlot } = this.#plan;
    const { values } = this.#tags;
    if (!element.enter(parent, countsTypes)) this.#fail('shape');
    element.match(parent, starts, (step: Step) => fits(step.compound, element, values));
    if (element.items !== 0) this.#readId(element);
    // What stands in a template is no part of the page until a script makes it one.
    if (element.name === 'template') element.excluded = EVERYTHING;
    if (jsonLd === null || element.name !== 'script' || element.excluded === EVERYTHING) return;
    if (element.isInNoscript) return;
    if (isJsonLd(values[typeSlot]!)) this.#script = new JsonLdScript(jsonLd, this.#found);
  }

  ended(element: OpenElement): void {
    if (element.items !== 0) this.#count(element);
    if (this.#script !== null && element.name === 'script') {
      const isSound = this.#script.end();
      this.#script = null;
      if (!isSound) this.#fail('not_json');
    }
  }

  /** Reads the id that the selector names which says the item's kind. */
  #readId(element: OpenElement): void {
    const source = this.#plan.ids[this.#selectorOf(element)]!;
    const value = source === null ? null : this.#tags.values[source.slot]!;
    const text = value === null ? null : idIn(value, source!.prefix);
    element.hasId = text !== null;
    if (text === null) return;
    this.#id.readText(text);
    element.high = this.#id.high;
    element.low = this.#id.low;
  }

  /** The first of the selectors that fit, of those that need not wait if there are any. */
  #selectorOf({ items }: OpenElement): number {
    const mask = items & ~this.#otherwise.waiting || items;
    return 31 - Math.clz32(mask & -mask);
  }

  #count(element: OpenElement): void {
    if (element.isCountedInside) return;
    const selector = this.#selectorOf(element);
    if (this.#otherwise.isWaiting(selector)) {
      this.#otherwise.hold(selector, element);
      return;
    }
    this.#markWrappers(element, selector);
    if (element.isInNoscript) {
      this.#noscript.hold(selector, element);
      return;
    }
    this.#noscript.saw(selector, element);
    this.#otherwise.saw(selector);
    this.#id.high = element.high;
    this.#id.low = element.low;
    this.#id.isKnown = element.hasId;
    this.#found.found(selector, this.#id);
  }

  /** Items around this one with its kind and id are the same post. */
  #markWrappers({ hasId, high, low, wrapper }: OpenElement, selector: number): void {
    if (!hasId) return;
    const { kinds } = this.#plan;
    for (let outer = wrapper; outer !== null; outer = outer.wrapper) {
      const isSame = outer.hasId && outer.high === high && outer.low === low;
      if (isSame && kinds[this.#selectorOf(outer)] === kinds[selector]) outer.isCountedInside = true;
    }
  }
}
