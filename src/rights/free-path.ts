/** The paths that are never withheld: documents that tell askers what they may do, and lists that contain no posts. */

import { pathnameOf, queryOf } from '../count/route/path.ts';
import { pathReadings } from './path-readings.ts';

const FREE_FILES: ReadonlySet<string> = new Set(['/robots.txt', '/security.txt', '/ads.txt', '/favicon.ico']);
const SITEMAP = /^\/(?:wp-)?sitemap[a-z0-9_-]*\.xml$/;

/**
 * True if every reading of the path is free, and the method only reads. A query makes a path free only by a prefix of the
 * policy, because platforms serve a post at `/favicon.ico?p=1`.
 * @param prefixes of the policy; they are compared by letter case.
 */
export function isFreePath(method: string, target: string, prefixes: readonly string[]): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const hasQuery = queryOf(target) !== '';
  return pathReadings(pathnameOf(target)).every(
    (path) =>
      (!hasQuery && (FREE_FILES.has(path) || path.startsWith('/.well-known/') || SITEMAP.test(path))) ||
      prefixes.some((prefix) => isWithin(path, prefix)),
  );
}

/** A normalised path has no slash at its end. */
function isWithin(path: string, prefix: string): boolean {
  const folder = prefix.replace(/\/$/, '');
  return path === folder || path.startsWith(`${folder}/`);
}
