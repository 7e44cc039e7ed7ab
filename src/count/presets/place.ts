/**
 * Places a preset's routes on a host: below the base of its site, and below the languages that the site may serve.
 */

import { z } from 'zod';
import { LANGUAGE } from '../route/path.ts';
import type { RouteInput } from './preset.ts';

/** A platform as the configuration names it: at the root of its host, or below a base. */
export type Site = string | { readonly name: string; readonly base: string };

/** Maximum length of a base; a site is one to three segments deep. */
const MAX_BASE_LENGTH = 256;

export const baseSchema = z
  .string()
  .max(MAX_BASE_LENGTH)
  .regex(/^(?:\/[^/?#*\s{}]+)+$/, {
    error:
      'is not a base; use the path below which the platform is served, such as "/blog", without a trailing slash',
  })
  .describe('The path below which the platform is served: /blog.');

/** The base of a site; empty at the root of its host. */
export function baseOf(site: Site): string {
  return typeof site === 'string' ? '' : site.base;
}

/**
 * The same route below the base, with an optional language before or after the base. A path that begins with a
 * wildcard takes no language after the base, because the wildcard already matches it.
 */
export function placed(route: RouteInput, base: string): RouteInput {
  const outer = base === '' ? '' : `${LANGUAGE}${base}`;
  const inner = route.path === '/' || route.path.startsWith('/*') ? '' : LANGUAGE;
  const path = `${outer}${inner}${route.path}`;
  if (path === route.path) return route;
  const name = route.name ?? route.path;
  return { ...route, name: base === '' ? name : `${name} below ${base}`, path };
}
