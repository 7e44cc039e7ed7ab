/**
 * Detects heads that the parser accepts but that two parsers could still read as two different requests (RFC 9112,
 * sections 3.2, 6.1 and 11.2). Such requests are refused, never repaired, because we must forward what the client
 * sent.
 */

export interface HeadFault {
  /** 400: the head is not valid. 501: it has a transfer coding that we do not decode. */
  readonly status: 400 | 501;
  readonly why: string;
}

/** uri-host with an optional port (RFC 9110, section 7.2); empty if the target has no authority. */
const HOST = /^(?:\[[\da-f:.]+\]|[a-z\d._~!$&'()*+,;=%-]*)(?::\d*)?$/i;

const INVALID_HOST: HeadFault = { status: 400, why: 'The Host field is not a host with an optional port.' };
const TWO_HOSTS: HeadFault = { status: 400, why: 'The request has more than one Host field.' };
/** The parser takes a line without a version for HTTP/0.9; a server in front of us may take it for part of a body. */
const OTHER_VERSION: HeadFault = { status: 400, why: 'Only HTTP/1.1 and HTTP/1.0 are supported.' };
const OLD_CHUNKED: HeadFault = { status: 400, why: 'An HTTP/1.0 request has a Transfer-Encoding field.' };
const OTHER_CODING: HeadFault = {
  status: 501,
  why: 'The only supported transfer coding is a single "chunked".',
};

/**
 * @param headers flat list as received.
 * @param versionMinor 0 for HTTP/1.0, 1 for HTTP/1.1, 9 for HTTP/0.9.
 */
export function headFault(headers: readonly string[], versionMinor: number): HeadFault | null {
  if (versionMinor > 1) return OTHER_VERSION;
  let hosts = 0;
  let codings: string | undefined;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!;
    // Comparing lengths first avoids the lower-casing of almost every header.
    if (name.length === 4 && name.toLowerCase() === 'host') {
      hosts++;
      if (!HOST.test(headers[i + 1]!)) return INVALID_HOST;
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      codings = codings === undefined ? headers[i + 1]! : `${codings},${headers[i + 1]!}`;
    }
  }
  if (hosts > 1) return TWO_HOSTS;
  if (codings === undefined) return null;
  if (versionMinor === 0) return OLD_CHUNKED;
  return codings.toLowerCase() === 'chunked' ? null : OTHER_CODING;
}
