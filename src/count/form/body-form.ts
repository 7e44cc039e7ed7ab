/**
 * Detects the form of a body by its beginning, regardless of its media type: JSON, XML or an HTML page. Noise before
 * it is skipped: byte order marks, blank lines, warnings as text or HTML, comments, the name of a callback.
 */

/** `fragment`: HTML elements without a document around them. `text`: none of the other forms. `bytes`: not text. */
export type BodyForm = 'json' | 'xml' | 'html' | 'fragment' | 'text' | 'bytes';

export interface DetectedForm {
  readonly form: BodyForm;
  /** The position at which XML begins; any text before it is noise. */
  readonly at: number;
}

/** Byte order marks and blank lines. */
const START = /^[\s\xef\xbb\xbf\xfe\xff]*/;
/** Text that may precede XML without hiding its encoding. */
const PLAIN_START = /^(?:\xef\xbb\xbf)?\s*$/;
/** A bracket, or a control character, which text does not contain. */
const MARK = /[<{[]|[^ -\uffff\s]/g;
/** In noise a bracket begins JSON only before a name, a string, another bracket or its own end. */
const BEGINS_JSON = /[{[]\s*["[\]{}]/y;
const ENDS_TEXT = /[{[]\s*$/y;
const DOCTYPE = /<!doctype\s+([^\s>[]+)[\s>[]/iy;
const TAG_NAME = /<(\/?)([a-z_][^\s/>]*)[\s/>]/iy;
const QUOTE_OR_END = /["'>]/g;
const FEED_ROOT = /^(?:[\w.-]+:)?(?:rss|rdf|feed)$/i;
const DOCUMENT_PART = /^(?:html|head|body)$/i;
/** Elements whose content is not markup. */
const RAW_TEXT = /^(?:script|style|textarea|title|xmp|iframe|noembed|noframes)$/i;
/** Void elements, and elements whose end tag is optional. */
const MAY_STAY_OPEN =
  /^(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr|p|li|dt|dd|tr|td|th|option)$/i;

const latin1 = new TextDecoder('latin1');

/** @param isWhole whether further bytes would not be examined. @returns null if the following bytes must decide. */
export function bodyForm(bytes: Uint8Array, isWhole: boolean): DetectedForm | null {
  const text = latin1.decode(bytes);
  // In UTF-16 nothing is skipped, because positions would not be byte positions.
  const isWide = text.slice(0, 4).includes('\0');
  const reading = new Beginning(isWide ? text.replaceAll('\0', '') : text);
  const form = reading.detect();
  if (form === null && !isWhole) return null;
  return { form: form ?? reading.guess, at: isWide ? 0 : reading.xmlAt };
}

class Beginning {
  /** The position at which XML begins, if the body is XML; 0 without noise before it. */
  xmlAt = 0;
  readonly #text: string;
  #isDeclared = false;
  #hasTags = false;
  /** Number of open elements. */
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The most likely form if the end of the body does not decide. */
  get guess(): BodyForm {
    if (this.#isDeclared) return 'xml';
    return this.#hasTags ? 'fragment' : 'text';
  }

  detect(): BodyForm | null {
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

  /** Returns the form, null if more bytes must decide, or the position at which to continue. */
  #bracket({ 0: mark, index }: RegExpExecArray): BodyForm | number | null {
    if (mark !== '{' && mark !== '[') return 'bytes';
    // Inside an element it is part of a page.
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
    // A shorter text may be the start of a tag.
    if (tag === null) return /^<\/?(?:[a-z_][^\s/>]*)?$/i.test(text.slice(at)) ? null : at + 1;
    const [, slash, name = ''] = tag;
    if (slash === '') {
      const form = this.#element(name, at);
      if (form !== null) return form;
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

  /** The form that the first tag of an element reveals. */
  #element(name: string, at: number): BodyForm | null {
    if (DOCUMENT_PART.test(name)) return 'html';
    if (this.#isDeclared) return 'xml';
    if (this.#depth > 0 || !FEED_ROOT.test(name)) return null;
    this.#startXml(at);
    return 'xml';
  }

  /** Skips a tag, and the content of a script. */
  #tag(name: string, isEnd: boolean, from: number): number | null {
    const end = endOfTag(this.#text, from);
    if (end === -1) return null;
    this.#hasTags = true;
    if (this.#text[end - 2] === '/' || MAY_STAY_OPEN.test(name)) return end;
    if (isEnd) this.#depth = Math.max(0, this.#depth - 1);
    else this.#depth++;
    return !isEnd && RAW_TEXT.test(name) ? this.#endOfRawText(name, end) : end;
  }

  /** The position of the end tag of an element whose content is not markup. */
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

/** The position after the bracket that ends the tag, ignoring quoted attribute values; -1 if it has not arrived. */
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
