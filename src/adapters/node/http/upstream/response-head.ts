/**
 * Parses the head of an HTTP/1 response strictly (RFC 9112). A head that two parsers could read differently is
 * rejected, and the error contains the reason.
 */

import {
  badResponse,
  CONTROL,
  type HeaderField,
  isBlankAt,
  parseHeaderField,
  quote,
} from './header-field.ts';

/** Length of a body in chunked coding. */
export const CHUNKED = -1;
/** Length of a body that ends with the connection. */
export const UNTIL_CLOSE = -2;

export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  /** Flat list. */
  readonly headers: readonly string[];
  /** Length of the body in bytes, or CHUNKED, or UNTIL_CLOSE. */
  readonly length: number;
  /** Whether the connection may serve another request after the body. */
  readonly keepsAlive: boolean;
  /** Milliseconds for which the server keeps an idle connection; undefined if it does not specify it. */
  readonly keepAliveMs: number | undefined;
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: (.*))?$/;
const DIGITS = /^\d{1,15}$/;

interface StatusLine {
  /** The whole line, including its end. */
  readonly text: string;
  readonly isOld: boolean;
  readonly status: number;
  readonly reason: string;
}

/** Number of fields that are cached. Later fields are parsed every time. */
const MAX_CACHED = 64;

/**
 * Parses the heads of one upstream, which sends nearly the same head for every response. A head that equals the last one
 * is not parsed again, nor is a line that equals the line at the same position of the last head.
 */
export class ResponseHeads {
  #status: StatusLine | null = null;
  readonly #fields: HeaderField[] = [];
  #last: { readonly text: string; readonly method: string; readonly head: ResponseHead } | null = null;

  /**
   * @param text latin1, up to and including the empty line.
   * @param method of the request.
   * @throws UpstreamError if the head is not valid.
   */
  read(text: string, method: string): ResponseHead {
    if (this.#last?.text === text && this.#last.method === method) return this.#last.head;
    const head = this.#parse(text, method);
    this.#last = { text, method, head };
    return head;
  }

  #parse(text: string, method: string): ResponseHead {
    const { text: line, isOld, status, reason } = this.#statusLine(text);
    const headers: string[] = [];
    let contentLength: number | undefined;
    let coding: string | undefined;
    let keepsAlive = !isOld;
    let keepAliveMs: number | undefined;
    let at = line.length;
    for (let place = 0; at < text.length - 2; place++) {
      const { text: whole, name, value, role } = this.#field(text, at, place);
      if (role === 'length') {
        if (contentLength !== undefined) throw badResponse('The response has more than one Content-Length.');
        contentLength = lengthOf(value);
      } else if (role === 'coding') {
        if (coding !== undefined) throw badResponse('The response has more than one Transfer-Encoding.');
        coding = value;
      } else if (role === 'connection') keepsAlive = isPersistent(value.toLowerCase(), keepsAlive);
      else if (role === 'keep_alive') keepAliveMs = timeoutMsOf(value) ?? keepAliveMs;
      headers.push(name, value);
      at += whole.length;
    }
    if (coding !== undefined) checkCoding(coding, contentLength, isOld);
    const isBodiless = method === 'HEAD' || status < 200 || status === 204 || status === 304;
    const length = isBodiless ? 0 : coding !== undefined ? CHUNKED : (contentLength ?? UNTIL_CLOSE);
    if (length === UNTIL_CLOSE) keepsAlive = false;
    return { status, reason, headers, length, keepsAlive, keepAliveMs };
  }

  #statusLine(text: string): StatusLine {
    const last = this.#status;
    if (last !== null && text.startsWith(last.text)) return last;
    const end = text.indexOf('\r\n');
    const line = text.slice(0, end);
    const parts = CONTROL.test(line) ? null : STATUS_LINE.exec(line);
    if (parts === null) throw badResponse(`${quote(line)} is not the status line of an HTTP/1 response.`);
    const [, minor, status, reason = ''] = parts;
    this.#status = { text: text.slice(0, end + 2), isOld: minor === '0', status: Number(status), reason };
    return this.#status;
  }

  #field(text: string, at: number, place: number): HeaderField {
    const last = this.#fields[place];
    if (last !== undefined && text.startsWith(last.text, at) && !isBlankAt(text, at + last.text.length)) {
      return last;
    }
    const field = parseHeaderField(text, at);
    if (place < MAX_CACHED) this.#fields[place] = field;
    return field;
  }
}

function lengthOf(value: string): number {
  if (!DIGITS.test(value)) throw badResponse(`Content-Length ${quote(value)} is not a number of bytes.`);
  return Number(value);
}

function checkCoding(coding: string, contentLength: number | undefined, isOld: boolean): void {
  if (coding.toLowerCase() !== 'chunked') {
    throw badResponse(`Transfer-Encoding ${quote(coding)} is not supported; only "chunked" is.`);
  }
  if (contentLength !== undefined)
    throw badResponse('The response has both Transfer-Encoding and Content-Length.');
  if (isOld) throw badResponse('An HTTP/1.0 response has a Transfer-Encoding.');
}

function isPersistent(options: string, before: boolean): boolean {
  if (/(^|[\s,])close($|[\s,])/.test(options)) return false;
  return before || /(^|[\s,])keep-alive($|[\s,])/.test(options);
}

function timeoutMsOf(value: string): number | undefined {
  const seconds = /(?:^|[\s,])timeout=(\d{1,6})/i.exec(value)?.[1];
  return seconds === undefined ? undefined : 1_000 * Number(seconds);
}
