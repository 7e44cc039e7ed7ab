/**
 * The tags of a page, with the attributes that selectors name, and the text of scripts that somebody wants. The
 * tokenizer is htmlparser2's. Nothing else is kept: neither text nor comments nor attributes of no interest.
 */

import { Parser, Tokenizer, type TokenizerCallbacks } from 'htmlparser2';
import { flagsOf, OPAQUE, TEXT } from './elements.ts';

/** Names of elements and attributes beyond it are one name, which no selector has. */
const MAX_NAME_LENGTH = 128;
const LONG_NAME = '\ufffd';

/** Longest attribute that selectors name. Class lists have a few hundred characters. */
const MAX_VALUE_LENGTH = 262_144;
/** Text of a wanted script that may wait for the next chunk, where a `<` at the end of chunks keeps it back. */
const MAX_WAITING_LENGTH = 1_048_576;

export interface TagEvents {
  /** Whether the place holds SVG or MathML. */
  readonly isForeign: boolean;
  /** A start tag has ended. Its attributes stand in `values`. Returns whether the text in it is wanted. */
  startTag(name: string, closesItself: boolean): boolean;
  endTag(name: string): void;
  /** A piece of the text that is wanted. */
  text(piece: string): void;
  /** An attribute or a script is longer than its bound. */
  tooLong(): void;
}

export class Tags implements TokenizerCallbacks {
  /** The values of the wanted attributes of the tag under way, by slot; null where it has none. */
  readonly values: Array<string | null>;
  /** Whether the page has any tag. */
  hasTags = false;
  readonly #events: TagEvents;
  readonly #slots: ReadonlyMap<string, number>;
  /** Bit n: some wanted attribute has a name of n characters (31: of that many or more). */
  readonly #lengths: number;
  readonly #tokenizer: Tokenizer;
  #chunk = '';
  /** Where the chunk begins in the page, and the text before it that the tokenizer may still point to. */
  #offset = 0;
  #before = '';
  #name = '';
  #slot = -1;
  #value = '';
  /** The element whose end alone is looked for: its content is no markup. */
  #opaque: string | null = null;
  #wantsText = false;
  /** Where the wanted text begins that was not told yet. */
  #textFrom = 0;

  /** @param attributes the names of those that are wanted, in lower case; their order gives the slots. */
  constructor(attributes: readonly string[], events: TagEvents) {
    this.values = attributes.map(() => null);
    this.#slots = new Map(attributes.map((name, slot) => [name, slot]));
    this.#lengths = attributes.reduce((bits, { length }) => bits | (1 << Math.min(length, 31)), 0);
    this.#events = events;
    // With entities decoded it would look at each character of the text; they are decoded where one matters.
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

  /** Nothing that follows matters. */
  stop(): void {
    this.#tokenizer.pause();
  }

  /** What the tokenizer points to; it may begin in an earlier chunk. */
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
    // Of two attributes with one name the first stands.
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
    // After <script/> the tokenizer reads tags where a browser reads the script.
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

/** An attribute's value with its character references decoded, as only a parser can. */
function decoded(value: string): string {
  let text = value;
  const onattribute = (_name: string, decodedValue: string) => {
    text = decodedValue;
  };
  new Parser({ onattribute }).end(`<a a="${value.replaceAll('"', '&quot;')}">`);
  return text;
}
