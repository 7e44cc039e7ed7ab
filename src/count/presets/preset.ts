/** The routes of one platform in the configuration's own language, with their sources. */

import type { z } from 'zod';
import type { Kind } from '../kinds.ts';
import type { routeSchema } from '../route/schema.ts';

/** A route as in a configuration file: fields with defaults may be omitted. */
export type RouteInput = z.input<typeof routeSchema>;

/** The entries of a route's `posts`. */
export type PostsInput = Exclude<RouteInput['posts'], 'none'>;

export interface Preset {
  /** The name in the configuration. */
  readonly name: string;
  readonly title: string;
  /** The documents that specify the platform's responses. */
  readonly source: readonly string[];
  /** What each switch of `kinds` controls here; this platform has no items of the other kinds. */
  readonly notes: Readonly<Partial<Record<Kind, string>>>;
  /** What the platform's responses do not show, and how the preset counts then. */
  readonly doubts?: readonly string[];
  readonly routes: readonly RouteInput[];
}

/** Moves routes for any path to the end, because they must not match what another platform's path or query names. */
export function anywhereLast(routes: readonly RouteInput[]): RouteInput[] {
  return [...routes.filter((route) => !isAnywhere(route)), ...routes.filter(isAnywhere)];
}

export function isAnywhere({ path, query }: RouteInput): boolean {
  return path === '/**' && query === undefined;
}
