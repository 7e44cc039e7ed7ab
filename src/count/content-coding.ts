/** Parses the Content-Encoding field (RFC 9110, section 8.4). */

import type { ContentCoding } from './port.ts';

/** Maximum chain of codings that is decoded. One is usual; two are a mistake of some proxy. */
const MAX_CODINGS = 4;

const CODINGS = new Map<string, ContentCoding>([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
  ['zstd', 'zstd'],
]);

const IDENTITY: readonly ContentCoding[] = [];

/**
 * Names that are not codings: `identity`, which RFC 9110 does not allow here, character sets, and values that
 * applications write by mistake. Clients read such a body unchanged.
 */
const NO_CODING =
  /^(?:|identity|none|plain|text|raw|binary|[78]bit|null|undefined|false|chunked|aws-chunked|utf-?(?:8|16|32)(?:le|be)?|(?:us-)?ascii|latin-?1|iso-?8859-?\d{1,2}|windows-\d{3,4}|cp\d{3,4})$/;

/** The codings in the order in which they were applied; undefined if one is unknown or there are too many. */
export function readCodings(field: string | undefined): readonly ContentCoding[] | undefined {
  if (field === undefined || field === '') return IDENTITY;
  const codings: ContentCoding[] = [];
  for (const part of field.split(',')) {
    const name = part.trim().toLowerCase();
    const coding = CODINGS.get(name);
    if (coding === undefined && NO_CODING.test(name)) continue;
    if (coding === undefined || codings.length === MAX_CODINGS) return undefined;
    codings.push(coding);
  }
  return codings;
}
