/**
 * Reads elements, attributes and texts by htmlparser2's tokenizer, which holds no text itself. Nor does this: of what
 * is under way where a chunk ends, only the beginning is kept, up to the longest text of interest.
 */

import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2';

/** Characters of a text or attribute that are looked at. */
export const MAX_TEXT = 4096;
/** Names are told apart by as many characters. */
const MAX_NAME = 256;
/** With the mark that stands before a text, and one character to know a longer one by. */
const MAX_HEAD = '<![CDATA['.length + MAX_TEXT + 1;

/** Texts come in pieces; null is a piece that is longer than `MAX_TEXT`. */
export interface XmlEvents {
  readonly wantsText: boolean;
  open(name: string): void;
  wantsAttribute(name: string): boolean;
  attribute(name: string, value: string | null): void;
  /** The tag of an element is over; with `isEmpty`, the element too. */
  opened(isEmpty: boolean): void;
  text(piece: string | null): void;
  /** An end tag, whether or not something of this name is open. */
  close(name: string): void;
}

export class XmlSax implements TokenizerCallbacks {
  readonly #events: XmlEvents;
  readonly #tokenizer: Tokenizer;
  #chunk = '';
  /** Where the chunk begins, in characters from the start, as all positions here. */
  #offset = 0;
  /** Where the last token ended. */
  #done = 0;
  /** The beginning of what followed it in earlier chunks. */
  #head = '';
  #headStart = 0;
  /** Whether spaces that follow stand between the parts of a tag, and matter to nobody. */
  #isBetween = false;
  #attribute: string | null = null;
  #value: string | null = '';
  /** An end tag whose bracket has not come. */
  #closing: string | null = null;

  /** @param decodesEntities only those of XML itself and numbers: what a document declares stays as it stands. */
  constructor(events: XmlEvents, decodesEntities: boolean) {
    this.#events = events;
    this.#tokenizer = new Tokenizer({ xmlMode: true, decodeEntities: decodesEntities }, this);
  }

  write(chunk: string): void {
    this.#chunk = chunk;
    this.#tokenizer.write(chunk);
    this.#keepHead();
    this.#offset += chunk.length;
    this.#chunk = '';
  }

  #keepHead(): void {
    if (this.#done >= this.#offset) {
      this.#head = '';
      this.#headStart = this.#done;
    }
    // Cut short before: what comes now would not follow it.
    if (this.#headStart + this.#head.length < this.#offset) return;
    let from = Math.max(this.#headStart - this.#offset, 0);
    if (this.#isBetween && this.#head === '') {
      while (from < this.#chunk.length && isBetweenParts(this.#chunk.charCodeAt(from))) from++;
      this.#headStart = this.#offset + from;
    }
    this.#head += this.#chunk.slice(from, from + MAX_HEAD - this.#head.length);
  }

  /** The text between two positions: all of it, more than `max` of it, or null where that is not kept. */
  #slice(from: number, to: number, max: number): string | null {
    const end = Math.min(to, from + max + 1);
    const chunkFrom = from - this.#offset;
    if (chunkFrom >= 0) return this.#chunk.slice(chunkFrom, end - this.#offset);
    const headFrom = from - this.#headStart;
    if (headFrom < 0) return null;
    const kept = this.#head.slice(headFrom, end - this.#headStart);
    if (from + kept.length === end) return kept;
    return from + kept.length === this.#offset ? kept + this.#chunk.slice(0, end - this.#offset) : null;
  }

  #name(from: number, to: number): string {
    this.#done = to;
    return this.#slice(from, to, MAX_NAME - 1) ?? '';
  }

  #text(from: number, to: number, end: number): void {
    if (this.#closing !== null) this.#endTag();
    this.#isBetween = false;
    if (this.#events.wantsText) this.#events.text(this.#slice(from, to, MAX_TEXT));
    this.#done = end;
  }

  ontext(from: number, to: number): void {
    this.#text(from, to, to);
  }

  ontextentity(codePoint: number, end: number): void {
    if (this.#events.wantsText) this.#events.text(String.fromCodePoint(codePoint));
    this.#done = end;
  }

  oncdata(from: number, last: number, markLength: number): void {
    this.#text(from, last - markLength, last + 1);
  }

  onopentagname(from: number, to: number): void {
    if (this.#closing !== null) this.#endTag();
    this.#events.open(this.#name(from, to));
    this.#isBetween = true;
  }

  onattribname(from: number, to: number): void {
    const name = this.#name(from, to);
    this.#attribute = this.#events.wantsAttribute(name) ? name : null;
    this.#value = '';
    this.#isBetween = true;
  }

  onattribdata(from: number, to: number): void {
    this.#isBetween = false;
    if (this.#attribute !== null) this.#add(this.#slice(from, to, MAX_TEXT));
    this.#done = to;
  }

  onattribentity(codePoint: number): void {
    this.#isBetween = false;
    if (this.#attribute !== null) this.#add(String.fromCodePoint(codePoint));
  }

  #add(piece: string | null): void {
    if (this.#value === null) return;
    this.#value = piece === null || this.#value.length > MAX_TEXT ? null : this.#value + piece;
  }

  onattribend(_quote: number, end: number): void {
    const isTooLong = this.#value !== null && this.#value.length > MAX_TEXT;
    if (this.#attribute !== null) this.#events.attribute(this.#attribute, isTooLong ? null : this.#value);
    this.#attribute = null;
    this.#done = end;
    this.#isBetween = true;
  }

  onopentagend(last: number): void {
    this.#tagEnd(last, false);
  }

  onselfclosingtag(last: number): void {
    this.#tagEnd(last, true);
  }

  #tagEnd(last: number, isEmpty: boolean): void {
    this.#done = last + 1;
    this.#isBetween = false;
    this.#events.opened(isEmpty);
  }

  onclosetag(from: number, to: number): void {
    if (this.#closing !== null) this.#endTag();
    this.#closing = this.#name(from, to);
    // With spaces before its bracket the tag is not over: it is taken with what comes next.
    this.#isBetween = this.#chunk[to - this.#offset] !== '>';
    if (!this.#isBetween) this.#endTag();
  }

  #endTag(): void {
    const name = this.#closing!;
    this.#closing = null;
    this.#events.close(name);
  }

  /** No more comes. */
  end(): void {
    if (this.#closing !== null) this.#endTag();
  }

  oncomment(_from: number, last: number): void {
    this.#done = last + 1;
  }

  ondeclaration(_from: number, last: number): void {
    this.#done = last + 1;
  }

  onprocessinginstruction(_from: number, last: number): void {
    this.#done = last + 1;
  }

  onend(): void {}
}

/** A space, a line's end, a tab or `=`. */
function isBetweenParts(code: number): boolean {
  return code === 0x20 || code === 0x3d || (code >= 0x09 && code <= 0x0d);
}
