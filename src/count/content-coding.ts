/** Reads the Content-Encoding field (RFC 9110 8.4). */

import type { ContentCoding } from './port.ts';

/** Longest chain of codings that is undone; one is usual, two are a mistake of some proxy. */
const MAX_CODINGS = 4;

const CODINGS = new Map<string, ContentCoding>([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
  ['zstd', 'zstd'],
]);

const IDENTITY: readonly ContentCoding[] = [];

/** The codings in the order in which they were applied; undefined where one is unknown or they are too many. */
export function readCodings(field: string | undefined): readonly ContentCoding[] | undefined {
  if (field === undefined || field === '') return IDENTITY;
  const codings: ContentCoding[] = [];
  for (const part of field.split(',')) {
    const name = part.trim().toLowerCase();
    if (name === '' || name === 'identity') continue;
    const coding = CODINGS.get(name);
    if (coding === undefined || codings.length === MAX_CODINGS) return undefined;
    codings.push(coding);
  }
  return codings;
}
