/**
 * Selects the headers that go back to the client and reads the few facts that counting needs from them, in one pass.
 */

import type { CountedFields } from '../count/count-decision.ts';
import { RIGHTS_HEADER } from '../rights/declared/response-states.ts';
import { classOfHeader, connectionOptions, withoutHeaders } from './header-names.ts';

export interface ResponseFacts extends CountedFields {
  /** Flat list for the client, without hop-by-hop fields, the declared count and `Postmeter-Rights`. */
  readonly headers: string[];
  /** In bytes; undefined if the body is chunked or ends with the connection. */
  readonly contentLength: number | undefined;
  /** True if the headers include a Trailer field. The client may get it only if its response is chunked. */
  readonly hasTrailer: boolean;
}

/** 204 has no body and must not have a Content-Length (RFC 9110, section 8.6). */
const NO_CONTENT = 204;

/**
 * @param headers flat list as received.
 * @param countHeader lower-case name of the header in which the upstream declares a count; it is never forwarded.
 * @param via our name in Via, or null to add none.
 */
export function responseHeaders(
  headers: readonly string[],
  countHeader: string,
  via: string | null,
  status = 200,
): ResponseFacts {
  let out: string[] = [];
  let declaredCount: string | undefined;
  let contentEncoding: string | undefined;
  let contentType: string | undefined;
  let contentLength: number | undefined;
  let hasTrailer = false;
  let hopOptions: readonly string[] = [];

  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!;
    const value = headers[i + 1]!;
    const kind = classOfHeader(name);
    if (kind === 'connection') hopOptions = hopOptions.concat(connectionOptions(value));
    if (kind === 'connection' || kind === 'hop_by_hop' || kind === 'te') continue;
    if (kind === 'trailer') hasTrailer = true;
    // Comparing lengths first avoids the lower-casing of every name.
    if (name.length === countHeader.length && name.toLowerCase() === countHeader) {
      declaredCount = declaredCount === undefined ? value : `${declaredCount},${value}`;
      continue;
    }
    if (name.length === 12 && name.toLowerCase() === 'content-type') contentType = value;
    else if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (status === NO_CONTENT) continue;
      contentLength = Number(value);
    } else if (name.length === 16) {
      const lowerName = name.toLowerCase();
      if (lowerName === RIGHTS_HEADER) continue;
      if (lowerName === 'content-encoding') {
        contentEncoding = contentEncoding === undefined ? value : `${contentEncoding}, ${value}`;
      }
    }
    out.push(name, value);
  }

  if (hopOptions.length > 0) out = withoutHeaders(out, hopOptions);
  if (via !== null) out.push('Via', `1.1 ${via}`);
  return { headers: out, declaredCount, contentEncoding, contentType, contentLength, hasTrailer };
}
