/**
 * The stack of open elements of a page. It closes the elements that an end tag closes, and those that a start tag
 * closes implicitly (paragraphs, list items, cells), like the tree construction of the HTML standard (13.2.6).
 *
 * Elements that are not in the text (`tbody` in a bare table) are not inserted, and nothing is moved to another place
 * (formatting across paragraphs, text in tables). HTMLRewriter does the same.
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

/** Maximum nesting. Browsers stop at 512. */
const MAX_DEPTH = 1024;

export interface ElementEvents {
  opened(element: OpenElement, parent: OpenElement): void;
  ended(element: OpenElement): void;
  tooDeep(): void;
}

export class OpenElements {
  readonly #events: ElementEvents;
  /** Elements beyond `#depth` are reused. The first one represents the document. */
  readonly #stack = [new OpenElement()];
  #depth = 0;
  #paragraphs = 0;

  constructor(events: ElementEvents) {
    this.#events = events;
  }

  /** Whether the innermost element contains SVG or MathML. */
  get isForeign(): boolean {
    return this.#top.isForeign;
  }

  get #top(): OpenElement {
    return this.#stack[this.#depth]!;
  }

  /** Handles a start tag. @param closesItself as in `<br/>`, which takes effect only in SVG and MathML. */
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

  /** Handles an end tag. */
  close(name: string): void {
    const flags = flagsOf(name);
    // Content after the end of the body still belongs to the body.
    if ((flags & VOID) !== 0 || name === 'html' || name === 'body') return;
    const at = this.#opened(name, flags);
    if (at === 0) return;
    if (name === 'form') this.#endAlone(at);
    else this.#endTo(at);
  }

  /** Ends the page. */
  end(): void {
    this.#endTo(1);
  }

  /** The level of the element that an end tag closes; 0 if there is none. */
  #opened(name: string, flags: number): number {
    if ((flags & TABLE_PART) !== 0) return this.#find(name, TABLE_SCOPE);
    if (name === 'li') return this.#find(name, SCOPE | LIST);
    if (name === 'p') return this.#paragraphs === 0 ? 0 : this.#paragraph();
    if ((flags & HEADING) !== 0) return this.#findAny(HEADING, SCOPE);
    return this.#find(name, (flags & SPECIAL) === 0 ? SPECIAL : SCOPE);
  }

  /** Closes the elements that the start of this one implicitly closes. */
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

  /** The innermost open paragraph within the scope; 0 if there is none. */
  #paragraph(): number {
    for (let at = this.#depth; at > 0; at--) {
      const { name, flags } = this.#stack[at]!;
      if (name === 'p') return at;
      if ((flags & SCOPE) !== 0 || name === 'button') return 0;
    }
    return 0;
  }

  /** The open list item that another one closes; 0 if there is none. */
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

  /** Closes the element at `level` and everything in it, the innermost first. */
  #endTo(level: number): void {
    while (this.#depth >= level) {
      const element = this.#top;
      this.#depth--;
      if (element.name === 'p') this.#paragraphs--;
      this.#events.ended(element);
    }
  }

  /** Closes a form alone: elements that were opened in it may outlast it, as in table layouts. */
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
