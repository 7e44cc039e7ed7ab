/**
 * Extracts the tags of a page, the attributes that selectors name, and the text of the requested scripts. The
 * tokenizer is htmlparser2's. Other text, comments and attributes are not kept.
 */

import { Parser, Tokenizer, type TokenizerCallbacks } from 'htmlparser2';
import { flagsOf, OPAQUE, TEXT } from './elements.ts';

/** Longer names of elements and attributes are replaced by one name that no selector has. */
const MAX_NAME_LENGTH = 128;
const LONG_NAME = '\ufffd';

/** Maximum length of an attribute that selectors name. Class lists have a few hundred characters. */
const MAX_VALUE_LENGTH = 262_144;
/** Maximum length of script text that is held for the next chunk, because a `<` at the end of a chunk delays it. */
const MAX_WAITING_LENGTH = 1_048_576;

export interface TagEvents {
  /** Whether the current position is inside SVG or MathML. */
  readonly isForeign: boolean;
  /** A start tag has ended; its attributes are in `values`. Returns whether its text is needed. */
  startTag(name: string, closesItself: boolean): boolean;
  endTag(name: string): void;
  /** A piece of the requested text. */
  text(piece: string): void;
  /** An attribute or a script exceeds its bound. */
  tooLong(): void;
}

export class Tags implements TokenizerCallbacks {
  /** The values of the named attributes of the current tag, by slot; null if it does not have the attribute. */
  readonly values: Array<string | null>;
  /** True if the page has any tag. */
  hasTags = false;
  readonly #events: TagEvents;
  readonly #slots: ReadonlyMap<string, number>;
  /** Bit n: some named attribute has a name of n characters (31: of 31 or more). */
  readonly #lengths: number;
  readonly #tokenizer: Tokenizer;
  #chunk = '';
  /** Offset of the chunk in the page, and the text before it to which the tokenizer may still refer. */
  #offset = 0;
  #before = '';
  #name = '';
  #slot = -1;
  #value = '';
  /** The element whose content is not markup, so that only its end is searched. */
  #opaque: string | null = null;
  #wantsText = false;
  /** Start of the requested text that has not been reported yet. */
  #textFrom = 0;

  /** @param attributes lower-case names of the attributes to extract; their order defines the slots. */
  constructor(attributes: readonly string[], events: TagEvents) {
    this.values = attributes.map(() => null);
    this.#slots = new Map(attributes.map((name, slot) => [name, slot]));
    this.#lengths = attributes.reduce((bits, { length }) => bits | (1 << Math.min(length, 31)), 0);
    this.#events = events;
    // With entity decoding the tokenizer would examine each character of the text. We decode only the values that
    // matter.
    this.#tokenizer = new Tokenizer({ decodeEntities: false }, this);
  }

  write(text: string): void {
    this.#chunk = text;
    this.#tokenizer.write(text);
    const end = this.#offset + text.length;
    const kept = this.#wantsText ? Math.max(end - this.#textFrom, MAX_NAME_LENGTH) : MAX_NAME_LENGTH;
    if (kept > MAX_WAITING_LENGTH) this.#events.tooLong();
    this.#before = text.length >= kept ? text.slice(-kept) : (this.#before + text).slice(-kept);
    this.#offset = end;
  }

  /** Stops, because nothing that follows matters. */
  stop(): void {
    this.#tokenizer.pause();
  }

  /** The text to which the tokenizer refers; it may begin in an earlier chunk. */
  #slice(from: number, to: number): string {
    const start = from - this.#offset;
    if (start >= 0) return this.#chunk.slice(start, to - this.#offset);
    const before = this.#before.slice(Math.max(0, this.#before.length + start));
    return to <= this.#offset ? before.slice(0, to - from) : before + this.#chunk.slice(0, to - this.#offset);
  }

  #nameAt(from: number, to: number): string {
    return to - from > MAX_NAME_LENGTH ? LONG_NAME : this.#slice(from, to).toLowerCase();
  }

  onopentagname(from: number, to: number): void {
    this.hasTags = true;
    this.#name = this.#nameAt(from, to);
    this.values.fill(null);
  }

  onattribname(from: number, to: number): void {
    this.#slot = -1;
    if ((this.#lengths & (1 << Math.min(to - from, 31))) === 0) return;
    const slot = this.#slots.get(this.#nameAt(from, to));
    // Of two attributes with the same name the first one applies.
    if (slot === undefined || this.values[slot] !== null) return;
    this.#slot = slot;
    this.#value = '';
  }

  onattribdata(from: number, to: number): void {
    if (this.#slot < 0) return;
    if (this.#value.length + to - from > MAX_VALUE_LENGTH) this.#events.tooLong();
    else this.#value += this.#slice(from, to);
  }

  onattribend(): void {
    if (this.#slot >= 0) {
      this.values[this.#slot] = this.#value.includes('&') ? decoded(this.#value) : this.#value;
    }
    this.#slot = -1;
  }

  onopentagend(to: number): void {
    this.#start(to, false);
  }

  onselfclosingtag(to: number): void {
    this.#start(to, true);
  }

  #start(to: number, closesItself: boolean): void {
    if (this.#opaque !== null) return;
    const name = this.#name;
    const flags = flagsOf(name);
    // After <script/> the tokenizer reads tags, while a browser reads the script.
    const isOpaque = (flags & OPAQUE) !== 0 || (closesItself && (flags & TEXT) !== 0);
    if (isOpaque && !this.#events.isForeign) this.#opaque = name;
    this.#wantsText = this.#events.startTag(name, closesItself);
    this.#textFrom = to + 1;
  }

  onclosetag(from: number, to: number): void {
    this.hasTags = true;
    const name = this.#nameAt(from, to);
    if (this.#opaque !== null && this.#opaque !== name) return;
    this.#opaque = null;
    this.#wantsText = false;
    this.#events.endTag(name);
  }

  ontext(from: number, to: number): void {
    if (!this.#wantsText) return;
    this.#events.text(this.#slice(from, to));
    this.#textFrom = to;
  }

  oncomment(): void {}
  oncdata(): void {}
  ondeclaration(): void {}
  onprocessinginstruction(): void {}
  onattribentity(): void {}
  ontextentity(): void {}
  onend(): void {}
}

/** An attribute's value with its character references decoded, which only a parser can do. */
function decoded(value: string): string {
  let text = value;
  const onattribute = (_name: string, decodedValue: string) => {
    text = decodedValue;
  };
  new Parser({ onattribute }).end(`<a a="${value.replaceAll('"', '&quot;')}">`);
  return text;
}
