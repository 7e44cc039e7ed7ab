/** A document that the gateway publishes on the platform's host, as a response. */

import { DOCUMENT_TYPES, type DocumentName } from './documents.ts';
import { robotsBytes } from './robots/text.ts';

export interface SiteDocument {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Crawlers may keep a robots.txt for 24 hours (RFC 9309, section 2.4). A change should be seen earlier. */
const MAX_AGE_SECONDS = 3_600;

const NO_BODY = new Uint8Array();

/**
 * @param text of the document; that of robots.txt is Latin-1.
 * @param hash hex of a hash over the text, for the entity tag.
 * @param ifNoneMatch the request's field; undefined if it has none.
 */
export function siteDocument(
  name: DocumentName,
  text: string,
  hash: string,
  ifNoneMatch: string | undefined,
): SiteDocument {
  const etag = `"${hash.slice(0, 32)}"`;
  const headers = { etag, 'cache-control': `max-age=${MAX_AGE_SECONDS}` };
  if (isMatch(ifNoneMatch, etag)) return { status: 304, headers, body: NO_BODY };
  const body = name === 'robots.txt' ? robotsBytes(text) : new TextEncoder().encode(text);
  const type = { 'content-type': DOCUMENT_TYPES[name], 'content-length': String(body.length) };
  return { status: 200, headers: { ...type, ...headers }, body };
}

/** The weak comparison of RFC 9110, section 13.1.2. */
function isMatch(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}
