/** Adds routes for platforms that wrap their JSON in a script on request: the same posts in a second form. */

import type { RouteInput } from './preset.ts';

/** Both are in use for scripts (RFC 9239 prefers the second). */
const SCRIPTS = ['application/javascript', 'text/javascript'];

/** The route, preceded by the same route for responses that are scripts. */
export function alsoAsScript(route: RouteInput): RouteInput[] {
  const scripts = SCRIPTS.map((contentType): RouteInput => ({ ...route, contentType, format: 'jsonp' }));
  return [...scripts, route];
}
