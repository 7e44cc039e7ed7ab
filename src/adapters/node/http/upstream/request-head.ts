/** Builds the head of a request to the upstream, including the framing of its body. */

import { UpstreamError } from '../../../../forward/failure.ts';
import type { UpstreamRequest } from './response-handler.ts';

export interface RequestHead {
  /** Latin1, up to and including the empty line. */
  readonly text: string;
  /** Length of the body in bytes; undefined if it is sent in chunked coding. */
  readonly bodyLength: number | undefined;
}

/** A request line or field must not contain a line end or NUL, which could start another field or request. */
const UNSAFE = /[\r\n\0]/;
const UNSAFE_PATH = /[^\x21-\xff]/;
/** Methods whose requests without a body carry Content-Length: 0 (RFC 9110, section 8.6). */
const EXPECTS_BODY = new Set(['POST', 'PUT', 'PATCH']);

/**
 * @param upgrade value of the Upgrade field, if the request asks for another protocol.
 * @throws UpstreamError if the request cannot be written as HTTP/1.1.
 */
export function requestHead(request: UpstreamRequest, upgrade?: string): RequestHead {
  const { method, path, headers, body } = request;
  if (UNSAFE_PATH.test(path))
    throw notForwardable('The request target contains a control character or a space.');
  let text =
    upgrade === undefined
      ? `${method} ${path} HTTP/1.1\r\nConnection: keep-alive\r\n`
      : `${method} ${path} HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: ${checked('Upgrade', upgrade)}\r\n`;
  let length: number | undefined;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!;
    const value = headers[i + 1]!;
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (length !== undefined || !/^\d{1,15}$/.test(value))
        throw notForwardable('Content-Length is not valid.');
      length = Number(value);
    }
    text += `${name}: ${checked(name, value)}\r\n`;
  }
  if (body === null) {
    if ((length ?? 0) > 0) throw notForwardable('The request has a Content-Length but no body.');
    if (length === undefined && EXPECTS_BODY.has(method)) text += 'Content-Length: 0\r\n';
  } else if (length === undefined) text += 'Transfer-Encoding: chunked\r\n';
  return { text: `${text}\r\n`, bodyLength: length };
}

function checked(name: string, value: string): string {
  if (UNSAFE.test(value)) throw notForwardable(`The value of the field ${name} contains a line end or NUL.`);
  return value;
}

function notForwardable(message: string): UpstreamError {
  return new UpstreamError('POSTMETER_NOT_FORWARDABLE', message);
}
