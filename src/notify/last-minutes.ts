/** Counts of the last ten minutes, as the difference of two looks at the counts by hour. */

import type { RouteSums } from '../report/routes/port.ts';

/** Counts of the current hour and the one before, as they were at one moment. */
export interface CountsLook {
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly hours: ReadonlyArray<{ readonly hourMs: number; readonly routes: readonly RouteSums[] }>;
}

const SPAN_MS = 10 * 60_000;
/** After a longer pause between looks, the difference does not describe the last minutes. */
const MAX_SPAN_MS = 2 * SPAN_MS;

/** Adds a look, and drops those that no later difference needs. */
export function withLook(looks: readonly CountsLook[], look: CountsLook): CountsLook[] {
  const recent = looks.filter(({ atMs }) => look.atMs - atMs <= MAX_SPAN_MS);
  const start = recent.findLastIndex(({ atMs }) => look.atMs - atMs >= SPAN_MS);
  return [...recent.slice(Math.max(0, start)), look];
}

/** Returns the sums from the look that is ten minutes old to the newest one; null if there is no such look. */
export function lastMinutes(looks: readonly CountsLook[]): RouteSums[] | null {
  const [first] = looks;
  const last = looks.at(-1);
  if (first === undefined || last === undefined || last.atMs - first.atMs < SPAN_MS) return null;
  return last.hours.flatMap(({ hourMs, routes }) => {
    const before = new Map(
      first.hours.find((hour) => hour.hourMs === hourMs)?.routes.map((sums) => [keyOf(sums), sums]),
    );
    return routes.map((sums) => {
      const earlier = before.get(keyOf(sums));
      return {
        ...sums,
        responses: sums.responses - (earlier?.responses ?? 0),
        posts: sums.posts - (earlier?.posts ?? 0),
        bytes: sums.bytes - (earlier?.bytes ?? 0),
      };
    });
  });
}

function keyOf({ route, outcome }: RouteSums): string {
  return `${outcome} ${route}`;
}
