/**
 * Skips the text before the root: declaration, comments, instructions and the document type with its internal subset,
 * whose markup is not elements. Entities that it declares are never expanded.
 */

/** Maximum length of a mark: `<!--`. */
const MAX_MARK_LENGTH = 4;

const MARK_IN_DOCTYPE = /["'[\]>]|<!--|<\?|<(?=.?.?.?$)/gs;

export class Prolog {
  /** True if the text is not XML. */
  isFaulty = false;
  /** Text whose meaning depends on the next chunk. */
  #rest = '';
  /** The end mark of the current piece; empty if there is none. */
  #until = '';
  #isInDoctype = false;
  #isInSubset = false;

  /** The text from the root's tag on; null until it arrives. */
  read(chunk: string): string | null {
    const text = this.#rest + chunk;
    this.#rest = '';
    let at = 0;
    while (at >= 0 && !this.isFaulty) {
      if (this.#until !== '') at = this.#afterPiece(text, at);
      else if (this.#isInDoctype) at = this.#inDoctype(text, at);
      else {
        at = this.#outside(text, at);
        if (at >= 0 && this.#until === '' && !this.#isInDoctype && !this.isFaulty) return text.slice(at);
      }
    }
    return null;
  }

  /** Keeps text whose meaning depends on the next chunk, and returns -1. */
  #keep(text: string, from: number): number {
    this.#rest = text.slice(from);
    return -1;
  }

  #afterPiece(text: string, at: number): number {
    const end = text.indexOf(this.#until, at);
    if (end < 0) return this.#keep(text, Math.max(at, text.length - this.#until.length + 1));
    const after = end + this.#until.length;
    this.#until = '';
    return after;
  }

  /** The start of the next piece. Records the end mark of the piece unless it is the root. */
  #outside(text: string, from: number): number {
    let at = from;
    while (at < text.length && isSpace(text.charCodeAt(at))) at++;
    if (at === text.length) return -1;
    const isMark = text[at] === '<';
    if (isMark && text.length - at < MAX_MARK_LENGTH) return this.#keep(text, at);
    if (text.startsWith('<?', at)) this.#until = '?>';
    else if (text.startsWith('<!--', at)) {
      this.#until = '-->';
      return at + MAX_MARK_LENGTH;
    } else if (text.startsWith('<!', at)) this.#isInDoctype = true;
    else this.isFaulty = !isMark || text[at + 1] === '/' || isSpace(text.charCodeAt(at + 1));
    return this.#until !== '' || this.#isInDoctype ? at + 2 : at;
  }

  #inDoctype(text: string, from: number): number {
    MARK_IN_DOCTYPE.lastIndex = from;
    const mark = MARK_IN_DOCTYPE.exec(text);
    if (mark === null) return -1;
    const [found] = mark;
    if (found === '<') {
      if (text.length - mark.index < MAX_MARK_LENGTH) return this.#keep(text, mark.index);
    } else if (found === '[') this.#isInSubset = true;
    else if (found === ']') this.#isInSubset = false;
    else if (found === '>') this.#isInDoctype = this.#isInSubset;
    else this.#until = found === '<?' ? '?>' : found === '<!--' ? '-->' : found;
    return mark.index + found.length;
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
