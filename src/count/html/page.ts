/**
 * Finds the posts of a page: it follows the selectors down the open elements, counts a matching element when it ends,
 * and reads JSON-LD scripts. If a script that may hold posts is not JSON, the page cannot be counted ('not_json').
 */

import type { PostCount } from '../post-count.ts';
import type { UncountedReason } from '../uncounted.ts';
import { fits } from './compound.ts';
import { FallbackItems } from './fallback.ts';
import { idIn } from './id-source.ts';
import { isJsonLd, type JsonLdScript, jsonLdScript } from './json-ld.ts';
import { Noscript } from './noscript.ts';
import { EVERYTHING, type OpenElement } from './open-element.ts';
import { type ElementEvents, OpenElements } from './open-elements.ts';
import type { HtmlPlan, SelectorStep } from './plan.ts';
import { type TagEvents, Tags } from './tags.ts';

export class HtmlPage implements TagEvents, ElementEvents {
  /** The reason why the page cannot be counted. */
  failure: UncountedReason | undefined = undefined;
  readonly #plan: HtmlPlan;
  readonly #found: PostCount;
  readonly #tags: Tags;
  readonly #elements: OpenElements;
  readonly #fallback: FallbackItems;
  readonly #noscript: Noscript;
  #script: JsonLdScript | null = null;

  constructor(plan: HtmlPlan, found: PostCount) {
    this.#plan = plan;
    this.#found = found;
    this.#tags = new Tags(plan.attributes, this);
    this.#elements = new OpenElements(this);
    this.#fallback = new FallbackItems(plan.rivals);
    this.#noscript = new Noscript(plan.kinds);
  }

  get hasTags(): boolean {
    return this.#tags.hasTags;
  }

  write(text: string): void {
    this.#tags.write(text);
  }

  /** Ends the page and closes all open elements. */
  end(): void {
    this.#elements.end();
    this.cut();
  }

  /** Ends a page whose rest was not delivered: elements that are still open do not count. */
  cut(): void {
    if (this.failure !== undefined) return;
    this.#noscript.release(this.#found, (selector) => this.#fallback.recordMatch(selector));
    this.#fallback.release(this.#found);
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
    element.match(parent, starts, (step: SelectorStep) => fits(step.compound, element, values));
    if (element.items !== 0) this.#readId(element);
    // The content of a template is not part of the page until a script inserts it.
    if (element.name === 'template') element.excluded = EVERYTHING;
    if (jsonLd === null || element.name !== 'script' || element.excluded === EVERYTHING) return;
    if (element.isInNoscript) return;
    if (isJsonLd(values[typeSlot]!)) this.#script = jsonLdScript(jsonLd, this.#found);
  }

  ended(element: OpenElement): void {
    if (element.items !== 0) this.#count(element);
    if (this.#script !== null && element.name === 'script') {
      const isSound = this.#script.end();
      this.#script = null;
      if (!isSound) this.#fail('not_json');
    }
  }

  /** Reads the id with the source of the selector that determines the item's kind. */
  #readId(element: OpenElement): void {
    const source = this.#plan.ids[this.#selectorOf(element)]!;
    const value = source === null ? null : this.#tags.values[source.slot]!;
    const text = value === null ? null : idIn(value, source!.prefix);
    if (text !== null) element.id.readText(text);
  }

  /** The first matching selector that is not a fallback, else the first matching one. */
  #selectorOf({ items }: OpenElement): number {
    const mask = items & ~this.#fallback.waiting || items;
    return 31 - Math.clz32(mask & -mask);
  }

  #count(element: OpenElement): void {
    if (element.isCountedInside) return;
    const selector = this.#selectorOf(element);
    if (this.#fallback.isWaiting(selector)) {
      this.#fallback.hold(selector, element.id);
      return;
    }
    this.#markWrappers(element, selector);
    if (element.isInNoscript) {
      this.#noscript.hold(selector, element.id);
      return;
    }
    this.#noscript.recordMatch(selector, element.id);
    this.#fallback.recordMatch(selector);
    this.#found.found(selector, element.id);
  }

  /** Marks enclosing items with the same kind and id, because they are the same post. */
  #markWrappers({ id, wrapper }: OpenElement, selector: number): void {
    const { kinds } = this.#plan;
    for (let outer = id.isKnown ? wrapper : null; outer !== null; outer = outer.wrapper) {
      if (!outer.id.equals(id) || kinds[this.#selectorOf(outer)] !== kinds[selector]) continue;
      outer.isCountedInside = true;
    }
  }
}
