/** What a preset is: the routes of one platform, written in the configuration's own language, with where they come from. */

import type { z } from 'zod';
import type { Kind } from '../kinds.ts';
import type { routeSchema } from '../route/schema.ts';

/** A route as a configuration file may write it: what has a default may be left out. */
export type RouteInput = z.input<typeof routeSchema>;

/** The entries of a route's `posts`. */
export type PostsInput = Exclude<RouteInput['posts'], 'none'>;

export interface Preset {
  /** What the configuration names it by. */
  readonly name: string;
  readonly title: string;
  /** The documents that say what the platform sends. */
  readonly source: readonly string[];
  /** What each switch of `kinds` turns on or off here; a kind that is not named is not found on this platform. */
  readonly notes: Readonly<Partial<Record<Kind, string>>>;
  /** What the platform's answers do not say, and on whose side the preset errs then. */
  readonly doubts?: readonly string[];
  readonly routes: readonly RouteInput[];
}

/** Routes for any path come last: they must not take what another platform's path or query names. */
export function anywhereLast(routes: readonly RouteInput[]): RouteInput[] {
  return [...routes.filter((route) => !isAnywhere(route)), ...routes.filter(isAnywhere)];
}

export function isAnywhere({ path, query }: RouteInput): boolean {
  return path === '/**' && query === undefined;
}
