/**
 * Reads elements, attributes and texts with htmlparser2's tokenizer, which keeps no text. At the end of a chunk, this
 * class keeps only the beginning of the current token, up to the longest text of interest.
 */

import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2';

/** Maximum number of characters of a text or attribute that are examined. */
export const MAX_TEXT = 4096;
/** Maximum number of characters by which names are distinguished. */
const MAX_NAME = 256;
/** Includes the mark before a text, and one character to detect a longer text. */
const MAX_HEAD = '<![CDATA['.length + MAX_TEXT + 1;

/** Texts arrive in pieces; null is a piece longer than `MAX_TEXT`. */
export interface XmlEvents {
  readonly wantsText: boolean;
  open(name: string): void;
  wantsAttribute(name: string): boolean;
  attribute(name: string, value: string | null): void;
  /** The tag of an element has ended; with `isEmpty`, the element too. */
  opened(isEmpty: boolean): void;
  text(piece: string | null): void;
  /** An end tag, whether or not an element of this name is open. */
  close(name: string): void;
}

export class XmlSax implements TokenizerCallbacks {
  readonly #events: XmlEvents;
  readonly #tokenizer: Tokenizer;
  #chunk = '';
  /** Offset of the chunk in characters; all positions are relative to the start of the document. */
  #offset = 0;
  /** The end of the last token. */
  #done = 0;
  /** The beginning of the text that followed it in earlier chunks. */
  #head = '';
  #headStart = 0;
  /** True if following spaces are between the parts of a tag and can be ignored. */
  #isBetween = false;
  #attribute: string | null = null;
  #value: string | null = '';
  /** The name of an end tag whose bracket has not arrived. */
  #closing: string | null = null;

  /**
   * @param decodesEntities decodes only those of XML itself and numeric ones; entities that a document declares stay
   *   unchanged.
   */
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
    // The head was truncated earlier, so this text would not be adjacent to it.
    if (this.#headStart + this.#head.length < this.#offset) return;
    let from = Math.max(this.#headStart - this.#offset, 0);
    if (this.#isBetween && this.#head === '') {
      while (from < this.#chunk.length && isBetweenParts(this.#chunk.charCodeAt(from))) from++;
      this.#headStart = this.#offset + from;
    }
    this.#head += this.#chunk.slice(from, from + MAX_HEAD - this.#head.length);
  }

  /** The text between two positions: all of it, more than `max` characters of it, or null if it was not kept. */
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
    // A tag with spaces before its bracket has not ended; it is completed with the next token.
    this.#isBetween = this.#chunk[to - this.#offset] !== '>';
    if (!this.#isBetween) this.#endTag();
  }

  #endTag(): void {
    const name = this.#closing!;
    this.#closing = null;
    this.#events.close(name);
  }

  /** Ends the document. */
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

/** A space, a line end, a tab or `=`. */
function isBetweenParts(code: number): boolean {
  return code === 0x20 || code === 0x3d || (code >= 0x09 && code <= 0x0d);
}
