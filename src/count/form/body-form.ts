/**
 * Tells what a body is by how it begins, whatever its media type says: JSON, XML or a page of HTML. Noise before it is
 * passed over: byte order marks, blank lines, warnings as text or as HTML, comments, the name of a callback.
 */

/** `fragment`: elements of HTML without a document around them. `text`: none of these. `bytes`: not text. */
export type BodyForm = 'json' | 'xml' | 'html' | 'fragment' | 'text' | 'bytes';

export interface ToldForm {
  readonly form: BodyForm;
  /** Where XML begins; what is before it is noise. */
  readonly at: number;
}

/** Byte order marks and blank lines. */
const START = /^[\s\xef\xbb\xbf\xfe\xff]*/;
/** What may be before XML and says its encoding. */
const PLAIN_START = /^(?:\xef\xbb\xbf)?\s*$/;
/** A bracket, or a control character, which text does not have. */
const MARK = /[<{[]|[^ -\uffff\s]/g;
/** In noise a bracket begins JSON only if a name, a string, another bracket or its own end follows. */
const BEGINS_JSON = /[{[]\s*["[\]{}]/y;
const ENDS_TEXT = /[{[]\s*$/y;
const DOCTYPE = /<!doctype\s+([^\s>[]+)[\s>[]/iy;
const TAG_NAME = /<(\/?)([a-z_][^\s/>]*)[\s/>]/iy;
const QUOTE_OR_END = /["'>]/g;
const FEED_ROOT = /^(?:[\w.-]+:)?(?:rss|rdf|feed)$/i;
const DOCUMENT_PART = /^(?:html|head|body)$/i;
/** Elements whose content is not markup. */
const RAW_TEXT = /^(?:script|style|textarea|title|xmp|iframe|noembed|noframes)$/i;
/** Elements that hold nothing, and those that need no end tag. */
const MAY_STAY_OPEN =
  /^(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr|p|li|dt|dd|tr|td|th|option)$/i;

const latin1 = new TextDecoder('latin1');

/**
 * @param isWhole whether more bytes would not be looked at.
 * @returns null if the bytes that follow must tell.
 */
export function bodyForm(bytes: Uint8Array, isWhole: boolean): ToldForm | null {
  const text = latin1.decode(bytes);
  // UTF-16, in which nothing is passed over: positions would not be those of bytes.
  const isWide = text.slice(0, 4).includes('\0');
  const reading = new Beginning(isWide ? text.replaceAll('\0', '') : text);
  const told = reading.told();
  if (told === null && !isWhole) return null;
  return { form: told ?? reading.guess, at: isWide ? 0 : reading.xmlAt };
}

class Beginning {
  /** Where XML begins, if it is XML; 0 without noise before it. */
  xmlAt = 0;
  readonly #text: string;
  #isDeclared = false;
  #hasTags = false;
  /** Elements that are open. */
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** What the body most likely is if its end does not decide. */
  get guess(): BodyForm {
    if (this.#isDeclared) return 'xml';
    return this.#hasTags ? 'fragment' : 'text';
  }

  told(): BodyForm | null {
    const start = START.exec(this.#text)![0].length;
    const first = this.#text[start];
    if (first === '{' || first === '[') return 'json';
    for (let at = start; ; ) {
      MARK.lastIndex = at;
      const mark = MARK.exec(this.#text);
      if (mark === null) return null;
      const next = mark[0] === '<' ? this.#markup(mark.index) : this.#bracket(mark);
      if (typeof next !== 'number') return next;
      at = next;
    }
  }

  /** Returns what the body is, null if more bytes must decide, or the position to read on from. */
  #bracket({ 0: mark, index }: RegExpExecArray): BodyForm | number | null {
    if (mark !== '{' && mark !== '[') return 'bytes';
    // In an element it is a part of a page.
    if (this.#depth > 0) return index + 1;
    if (matches(BEGINS_JSON, this.#text, index) !== null) return 'json';
    return matches(ENDS_TEXT, this.#text, index) === null ? index + 1 : null;
  }

  #markup(at: number): BodyForm | number | null {
    const text = this.#text;
    if (text.startsWith('<!--', at)) return this.#behind('-->', at + 4);
    if (text.startsWith('<?', at)) {
      if (!this.#isDeclared && /^<\?xml\s/.test(text.slice(at, at + 6))) {
        this.#isDeclared = true;
        this.#startXml(at);
      }
      return this.#behind('?>', at + 2);
    }
    if (text.startsWith('<!', at)) return this.#declaration(at);
    const tag = matches(TAG_NAME, text, at);
    // A shorter text may be the beginning of a tag.
    if (tag === null) return /^<\/?(?:[a-z_][^\s/>]*)?$/i.test(text.slice(at)) ? null : at + 1;
    const [, slash, name = ''] = tag;
    if (slash === '') {
      const told = this.#element(name, at);
      if (told !== null) return told;
    }
    return this.#tag(name, slash === '/', at + tag[0].length - 1);
  }

  #startXml(at: number): void {
    this.xmlAt = PLAIN_START.test(this.#text.slice(0, at)) ? 0 : at;
  }

  #declaration(at: number): BodyForm | number | null {
    const rest = this.#text.slice(at, at + 10).toLowerCase();
    if (!'<!doctype '.startsWith(rest) && !rest.startsWith('<!doctype')) return this.#behind('>', at + 2);
    const doctype = matches(DOCTYPE, this.#text, at);
    if (doctype !== null) return doctype[1]!.toLowerCase() === 'html' ? 'html' : 'xml';
    return null;
  }

  /** What the first tag of an element tells. */
  #element(name: string, at: number): BodyForm | null {
    if (DOCUMENT_PART.test(name)) return 'html';
    if (this.#isDeclared) return 'xml';
    if (this.#depth > 0 || !FEED_ROOT.test(name)) return null;
    this.#startXml(at);
    return 'xml';
  }

  /** Passes over a tag, and over the text of a script. */
  #tag(name: string, isEnd: boolean, from: number): number | null {
    const end = endOfTag(this.#text, from);
    if (end === -1) return null;
    this.#hasTags = true;
    if (this.#text[end - 2] === '/' || MAY_STAY_OPEN.test(name)) return end;
    if (isEnd) this.#depth = Math.max(0, this.#depth - 1);
    else this.#depth++;
    return !isEnd && RAW_TEXT.test(name) ? this.#endOfRawText(name, end) : end;
  }

  /** Where the end tag of an element begins that holds no markup. */
  #endOfRawText(name: string, from: number): number | null {
    const close = new RegExp(`</${name}[\\s/>]`, 'gi');
    close.lastIndex = from;
    const found = close.exec(this.#text);
    return found === null ? null : found.index;
  }

  #behind(mark: string, from: number): number | null {
    const end = this.#text.indexOf(mark, from);
    return end === -1 ? null : end + mark.length;
  }
}

function matches(form: RegExp, text: string, at: number): RegExpExecArray | null {
  form.lastIndex = at;
  return form.exec(text);
}

/** The position behind the bracket that ends the tag, which may be quoted in its attributes; -1 if it has not come. */
function endOfTag(text: string, from: number): number {
  for (let at = from; ; ) {
    const mark = matches(QUOTE_OR_END, text, at);
    if (mark === null) return -1;
    if (mark[0] === '>') return mark.index + 1;
    const close = text.indexOf(mark[0], mark.index + 1);
    if (close === -1) return -1;
    at = close + 1;
  }
}
