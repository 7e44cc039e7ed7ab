/** The paths that a platform may read in the path of a request, when it chooses what the request is about. */

import { decodeEscapes, normalPathsOf } from '../count/route/path.ts';

/** Detects a segment that begins with a dot, or is `0`. */
const OTHER_READING = /\/(?:\.|%2e|0(?:\/|$))/i;

/**
 * Returns the normalised paths, and the path with its dot segments: WordPress chooses the blog of a network by the first
 * segment as it was sent, while the server in front of it resolves `/three/../`. It also ignores segments `0`, which PHP's
 * `array_filter` removes.
 */
export function pathReadings(pathname: string): readonly string[] {
  const spellings = normalPathsOf(pathname);
  if (!OTHER_READING.test(pathname)) return spellings;
  const segments = decodeEscapes(pathname).split('/');
  const kept = segments.filter((segment) => segment !== '' && segment !== '.' && segment !== '0');
  return [...spellings, `/${kept.join('/')}`];
}
