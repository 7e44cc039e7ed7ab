/**
 * The elements that are open at one place of a page. Ends what an end tag ends, and what a beginning ends without
 * one (paragraphs, list items, cells), as the HTML standard's tree construction does (13.2.6).
 *
 * Elements that stand nowhere in the text (`tbody` in a bare table) are not made up, and nothing is moved to another
 * place (formatting across paragraphs, text in tables): neither does HTMLRewriter.
 */

import {
  ENDS_PARAGRAPH,
  FOREIGN,
  flagsOf,
  HEADING,
  INTEGRATION,
  LIST,
  SCOPE,
  SPECIAL,
  TABLE_PART,
  TABLE_SCOPE,
  TABLE_SECTION,
  VOID,
} from './elements.ts';
import { OpenElement } from './open-element.ts';

/** Elements open at once. Browsers stop at 512. */
const MAX_DEPTH = 1024;

export interface ElementEvents {
  opened(element: OpenElement, parent: OpenElement): void;
  ended(element: OpenElement): void;
  tooDeep(): void;
}

export class OpenElements {
  readonly #events: ElementEvents;
  /** Those beyond `#depth` are free for use. The first stands for the document. */
  readonly #stack = [new OpenElement()];
  #depth = 0;
  #paragraphs = 0;

  constructor(events: ElementEvents) {
    this.#events = events;
  }

  /** Whether the innermost element holds SVG or MathML. */
  get isForeign(): boolean {
    return this.#top.isForeign;
  }

  get #top(): OpenElement {
    return this.#stack[this.#depth]!;
  }

  /** A start tag. @param closesItself as in `<br/>`, which only SVG and MathML obey. */
  open(name: string, closesItself: boolean): void {
    const flags = flagsOf(name);
    // A second one only adds attributes to the first.
    if ((name === 'html' || name === 'body') && this.#find(name, 0) > 0) return;
    if (!this.isForeign) this.#endImplied(name, flags);
    if (this.#depth === MAX_DEPTH) {
      this.#events.tooDeep();
      return;
    }
    const parent = this.#top;
    if (++this.#depth === this.#stack.length) this.#stack.push(new OpenElement());
    const element = this.#top;
    element.name = name;
    element.flags = flags;
    element.isForeign = isForeignIn(parent, flags);
    if (name === 'p') this.#paragraphs++;
    this.#events.opened(element, parent);
    if ((closesItself && element.isForeign) || (flags & VOID) !== 0) this.#endTo(this.#depth);
  }

  /** An end tag. */
  close(name: string): void {
    const flags = flagsOf(name);
    // What follows the end of the body still belongs to it.
    if ((flags & VOID) !== 0 || name === 'html' || name === 'body') return;
    const at = this.#opened(name, flags);
    if (at === 0) return;
    if (name === 'form') this.#endAlone(at);
    else this.#endTo(at);
  }

  /** The page is over. */
  end(): void {
    this.#endTo(1);
  }

  /** The level of the element that an end tag means; 0 for none. */
  #opened(name: string, flags: number): number {
    if ((flags & TABLE_PART) !== 0) return this.#find(name, TABLE_SCOPE);
    if (name === 'li') return this.#find(name, SCOPE | LIST);
    if (name === 'p') return this.#paragraphs === 0 ? 0 : this.#paragraph();
    if ((flags & HEADING) !== 0) return this.#findAny(HEADING, SCOPE);
    return this.#find(name, (flags & SPECIAL) === 0 ? SPECIAL : SCOPE);
  }

  /** Ends what the beginning of an element ends. */
  #endImplied(name: string, flags: number): void {
    if ((flags & ENDS_PARAGRAPH) !== 0 && this.#paragraphs > 0) this.#endAt(this.#paragraph());
    if ((flags & HEADING) !== 0 && (this.#top.flags & HEADING) !== 0) this.#endTo(this.#depth);
    if ((flags & TABLE_PART) !== 0) this.#endTablePart(name, flags);
    switch (name) {
      case 'li':
        this.#endAt(this.#item('li', 'li'));
        break;
      case 'dd':
      case 'dt':
        this.#endAt(this.#item('dd', 'dt'));
        break;
      case 'option':
      case 'a':
        if (this.#top.name === name) this.#endTo(this.#depth);
        break;
      case 'optgroup':
        if (this.#top.name === 'option') this.#endTo(this.#depth);
        if (this.#top.name === name) this.#endTo(this.#depth);
        break;
      case 'button':
        this.#endAt(this.#find(name, SCOPE));
        break;
      case 'rt':
      case 'rp':
        if (this.#top.name === 'rt' || this.#top.name === 'rp') this.#endTo(this.#depth);
        break;
      case 'body':
        this.#endAt(this.#find('head', SCOPE));
        break;
    }
  }

  #endTablePart(name: string, flags: number): void {
    const table = this.#findAny(TABLE_SCOPE, 0);
    if (name === 'table' || table === 0 || this.#stack[table]!.name === 'html') return;
    let bounds = TABLE_SCOPE;
    if (name === 'tr' || name === 'td' || name === 'th') bounds |= TABLE_SECTION;
    const isCell = (flags & SCOPE) !== 0 && name !== 'caption';
    let at = this.#depth;
    while (at > 0 && (this.#stack[at]!.flags & bounds) === 0 && !(isCell && this.#stack[at]!.name === 'tr'))
      at--;
    this.#endTo(at + 1);
  }

  /** The innermost paragraph that is not cut off by a bound; 0 for none. */
  #paragraph(): number {
    for (let at = this.#depth; at > 0; at--) {
      const { name, flags } = this.#stack[at]!;
      if (name === 'p') return at;
      if ((flags & SCOPE) !== 0 || name === 'button') return 0;
    }
    return 0;
  }

  /** The open list item that another one ends; 0 for none. */
  #item(name: string, other: string): number {
    for (let at = this.#depth; at > 0; at--) {
      const element = this.#stack[at]!;
      if (element.name === name || element.name === other) return at;
      const isBound = (element.flags & SPECIAL) !== 0;
      if (isBound && element.name !== 'address' && element.name !== 'div' && element.name !== 'p') return 0;
    }
    return 0;
  }

  #find(name: string, bounds: number): number {
    for (let at = this.#depth; at > 0; at--) {
      const element = this.#stack[at]!;
      if (element.name === name) return at;
      if ((element.flags & bounds) !== 0) return 0;
    }
    return 0;
  }

  #findAny(wanted: number, bounds: number): number {
    for (let at = this.#depth; at > 0; at--) {
      const { flags } = this.#stack[at]!;
      if ((flags & wanted) !== 0) return at;
      if ((flags & bounds) !== 0) return 0;
    }
    return 0;
  }

  #endAt(level: number): void {
    if (level > 0) this.#endTo(level);
  }

  /** Ends the element at `level` and all in it, the innermost first. */
  #endTo(level: number): void {
    while (this.#depth >= level) {
      const element = this.#top;
      this.#depth--;
      if (element.name === 'p') this.#paragraphs--;
      this.#events.ended(element);
    }
  }

  /** A form ends, and what was begun in it may go on: table layouts are written so. */
  #endAlone(level: number): void {
    const [element] = this.#stack.splice(level, 1);
    this.#stack.push(element!);
    this.#depth--;
    this.#events.ended(element!);
  }
}

function isForeignIn(parent: OpenElement, flags: number): boolean {
  if ((flags & FOREIGN) !== 0) return true;
  return parent.isForeign && (parent.flags & INTEGRATION) === 0;
}
