/** Selects the trailers of a response (RFC 9110, section 6.5.1) that are forwarded to the client. */

import { classOfHeader } from './header-names.ts';

/** A field name is a token; a value has no control character except the tab (RFC 9110, sections 5.1 and 5.5). */
const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Fields that frame, route or control a message, or speak in our name. No client expects them after the body. */
const NEVER = new Set([
  'age',
  'authorization',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'date',
  'expires',
  'location',
  'proxy-authenticate',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'set-cookie',
  'trailer',
  'vary',
  'www-authenticate',
]);

/**
 * Drops fields with characters that HTTP does not allow.
 * @param trailers flat list as received.
 * @param countHeader lower-case name of the header in which the upstream declares a count; it is never forwarded.
 * @returns names and values in pairs.
 */
export function forwardableTrailers(trailers: readonly string[], countHeader: string): [string, string][] {
  const fit: [string, string][] = [];
  for (let i = 0; i < trailers.length; i += 2) {
    const name = trailers[i]!;
    const lower = name.toLowerCase();
    if (NEVER.has(lower) || lower === countHeader || classOfHeader(name) !== 'end_to_end') continue;
    const value = trailers[i + 1]!;
    if (NAME.test(name) && VALUE.test(value)) fit.push([name, value]);
  }
  return fit;
}
