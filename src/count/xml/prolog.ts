/**
 * Passes over what stands before the root: declaration, comments, instructions and the document type with its
 * internal subset, in which markup stands that is no element. Entities that it declares are never expanded.
 */

/** How long a mark can be: `<!--`. */
const LONGEST_MARK = 4;

const MARK_IN_DOCTYPE = /["'[\]>]|<!--|<\?|<(?=.?.?.?$)/gs;

export class Prolog {
  /** Whether something stands there that is no XML. */
  isFaulty = false;
  /** What cannot be told yet without what comes next. */
  #rest = '';
  /** What ends the piece under way; empty where none is. */
  #until = '';
  #isInDoctype = false;
  #isInSubset = false;

  /** The text from the root's tag on; null as long as it has not come. */
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

  /** Keeps what cannot be told yet, and returns -1. */
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

  /** Where the next piece begins; unless that is the root, what ends it is noted. */
  #outside(text: string, from: number): number {
    let at = from;
    while (at < text.length && isSpace(text.charCodeAt(at))) at++;
    if (at === text.length) return -1;
    const isMark = text[at] === '<';
    if (isMark && text.length - at < LONGEST_MARK) return this.#keep(text, at);
    if (text.startsWith('<?', at)) this.#until = '?>';
    else if (text.startsWith('<!--', at)) {
      this.#until = '-->';
      return at + LONGEST_MARK;
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
      if (text.length - mark.index < LONGEST_MARK) return this.#keep(text, mark.index);
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
