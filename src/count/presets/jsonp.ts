/** Platforms that wrap their JSON into a script where the client asks for it: the same posts by a second door. */

import type { RouteInput } from './preset.ts';

/** Both are in use for scripts (RFC 9239 prefers the second). */
const SCRIPTS = ['application/javascript', 'text/javascript'];

/** The route, and before it the same for answers that are scripts. */
export function alsoAsScript(route: RouteInput): RouteInput[] {
  const scripts = SCRIPTS.map((contentType): RouteInput => ({ ...route, contentType, format: 'jsonp' }));
  return [...scripts, route];
}
