/**
 * Reads the fields of a multipart form (RFC 7578) as it arrives and skips the content of its files. It accepts only
 * what browsers and libraries send, because servers disagree about padding, folded lines, bare line feeds and text
 * that resembles a boundary.
 */

import type { Parameter } from '../route/query.ts';
import { parameterName } from '../route/query.ts';

const MAX_HEAD_LENGTH = 16 * 1024;
const MAX_TYPE_LENGTH = 256;

/** Decodes each byte to one character. */
const decoder = new TextDecoder('latin1');

const HEADER_LINE = /^([!#$%&'*+.^`|~\w-]+):[ \t]*(.*)/s;
const DISPOSITION = /^form-data((?:\s*;\s*[a-z]+\*?\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;"]+))+)\s*;?$/i;
const DISPOSITION_PARAMETER = /;\s*([a-z]+\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/gi;
const PLAIN_CODING = /^(?:7bit|8bit|binary)$/i;
const READABLE_TYPE = /^[^;]*(?:;\s*charset\s*=\s*"?(?:utf-?8|us-ascii|iso-?8859-?\d{1,2})"?\s*)?;?\s*$/i;

export class MultipartForm {
  readonly #delimiter: string;
  readonly #maxLength: number;
  readonly #parameters: Parameter[] = [];
  #state: 'start' | 'delimiter' | 'head' | 'content' | 'closed' = 'start';
  /** Input that has not been read yet. */
  #pending = '';
  /** The part of the current head or field that has been read. */
  #text = '';
  /** Name of the current field; null for a file. */
  #name: string | null = null;
  /** Length of the complete heads and fields. */
  #length = 0;
  /** Final: nothing is read after a fault. */
  fault: 'malformed' | 'too_long' | null = null;

  /** @param maxLength of heads and fields together, in bytes. */
  constructor(boundary: string, maxLength: number) {
    this.#delimiter = `--${boundary}`;
    this.#maxLength = maxLength;
  }

  /** True if the closing delimiter has arrived and the parameters are complete. */
  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  get parameters(): readonly Parameter[] {
    return this.#parameters;
  }

  write(chunk: Uint8Array): void {
    if (this.fault !== null) return;
    this.#pending += decoder.decode(chunk);
    while (this.fault === null && this.#step());
  }

  /** Returns false if the next step needs more of the body. */
  #step(): boolean {
    switch (this.#state) {
      case 'start':
        return this.#start();
      case 'delimiter':
        return this.#afterDelimiter();
      case 'head':
        return this.#head();
      case 'content':
        return this.#content();
      case 'closed':
        // PHP also reads parts after the closing delimiter.
        return '\r\n'.startsWith(this.#pending) ? false : this.#fail('malformed');
    }
  }

  #start(): boolean {
    if (this.#pending.length < this.#delimiter.length + 2) return false;
    const at = this.#pending.startsWith('\r\n') ? 2 : 0;
    if (!this.#pending.startsWith(this.#delimiter, at)) return this.#fail('malformed');
    return this.#enter('delimiter', at + this.#delimiter.length);
  }

  #afterDelimiter(): boolean {
    if (this.#pending.length < 2) return false;
    if (this.#pending.startsWith('\r\n')) return this.#enter('head', 2);
    return this.#pending.startsWith('--') ? this.#enter('closed', 2) : this.#fail('malformed');
  }

  #head(): boolean {
    const head = this.#upTo('\r\n\r\n', true);
    if (head === null) return this.#text.length > MAX_HEAD_LENGTH ? this.#fail('malformed') : false;
    const name = fieldOf(head);
    if (name === undefined) return this.#fail('malformed');
    this.#name = name;
    return this.#add(head.length) && this.#enter('content', 4);
  }

  #content(): boolean {
    const content = this.#upTo(this.#delimiter, this.#name !== null);
    if (content === null) {
      return this.#length + this.#text.length > this.#maxLength ? this.#fail('too_long') : false;
    }
    // The line end before a delimiter belongs to the delimiter.
    if (!content.endsWith('\r\n')) return this.#fail('malformed');
    if (this.#name !== null) {
      if (!this.#add(content.length)) return false;
      // The content is literal, but tests of parameters undo escapes.
      const value = content.slice(0, -2).replaceAll('%', '%25');
      this.#parameters.push({ name: parameterName(this.#name), value });
    }
    return this.#enter('delimiter', this.#delimiter.length);
  }

  /**
   * Returns the text before `end`, or null if `end` has not arrived. Each byte is examined once, however small the
   * chunks are.
   * @param keeps false if only the last two bytes of the text are needed.
   */
  #upTo(end: string, keeps: boolean): string | null {
    const at = this.#pending.indexOf(end);
    const readTo = at === -1 ? this.#pending.length - end.length + 1 : at;
    if (readTo > 0) {
      const read = this.#pending.slice(0, readTo);
      this.#text = keeps ? this.#text + read : (this.#text + read).slice(-2);
      this.#pending = this.#pending.slice(readTo);
    }
    if (at === -1) return null;
    const text = this.#text;
    this.#text = '';
    return text;
  }

  /** @param length of the bytes in `#pending` that introduce the state. */
  #enter(state: 'delimiter' | 'head' | 'content' | 'closed', length: number): true {
    this.#state = state;
    this.#pending = this.#pending.slice(length);
    return true;
  }

  #add(length: number): boolean {
    this.#length += length;
    return this.#length <= this.#maxLength || this.#fail('too_long');
  }

  #fail(fault: 'malformed' | 'too_long'): false {
    this.fault = fault;
    this.#pending = '';
    this.#text = '';
    return false;
  }
}

/** The name of a field; null for a file, undefined for a head that servers parse differently. */
function fieldOf(head: string): string | null | undefined {
  if (/[^\r]\n|\r(?!\n)/.test(head)) return undefined;
  let disposition: string | undefined;
  let isPlain = true;
  for (const line of head.split('\r\n')) {
    const [, name, value] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const lower = name.toLowerCase();
    if (lower === 'content-disposition' && disposition !== undefined) return undefined;
    if (lower === 'content-disposition') disposition = value;
    else if (lower === 'content-transfer-encoding') isPlain &&= PLAIN_CODING.test(value);
    else if (lower === 'content-type')
      isPlain &&= value.length <= MAX_TYPE_LENGTH && READABLE_TYPE.test(value);
  }
  const parameters = disposition === undefined ? null : parametersIn(disposition);
  const name = parameters?.get('name');
  if (parameters == null || name === undefined || name.includes('\\') || parameters.has('name*'))
    return undefined;
  // Without a file name some servers take the part for a field, others for a file.
  if ((parameters.get('filename') ?? '') !== '') return null;
  return isPlain ? name : undefined;
}

/** Null if a parameter occurs twice or the value is not in the usual form. */
function parametersIn(disposition: string): Map<string, string> | null {
  const [, list] = DISPOSITION.exec(disposition) ?? [];
  if (list === undefined) return null;
  const parameters = new Map<string, string>();
  for (const [, name, quoted, token] of list.matchAll(DISPOSITION_PARAMETER)) {
    if (parameters.has(name!.toLowerCase())) return null;
    parameters.set(name!.toLowerCase(), (quoted ?? token)!);
  }
  return parameters;
}
