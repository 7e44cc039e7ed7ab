/** Routes as operators see them: sums of one range by route, and the paths that no route matched. */

import { isoTimestamp, isoTimestampOrNull } from '../timestamp.ts';
import { type CountingReport, NO_ROUTE, type StoredHour, type StoredRoute } from './port.ts';
import { mayHoldPosts } from './route-health.ts';

export interface RouteView {
  readonly route: string;
  /** True if the running configuration has the route. */
  readonly isConfigured: boolean;
  readonly posts: number;
  readonly responses: number;
  readonly bytes: number;
  readonly empty: number;
  readonly none: number;
  readonly uncounted: readonly { readonly reason: string; readonly responses: number }[];
  readonly checked: number;
  readonly differs: number;
  readonly postsPerResponse: number | null;
  readonly lastSeenAt: string | null;
}

/** Returns all routes of the configuration in its order, then those only the ledger has, by name. */
export function routesView(report: CountingReport, configured: readonly string[]) {
  const byRoute = new Map<string, StoredRoute[]>([...new Set(configured)].map((name) => [name, []]));
  const known = new Set(configured);
  for (const row of report.routes) {
    const rows = byRoute.get(row.route);
    if (rows === undefined) byRoute.set(row.route, [row]);
    else rows.push(row);
  }
  const unmatched = byRoute.get(NO_ROUTE) ?? [];
  byRoute.delete(NO_ROUTE);
  const { responses, bytes, posts } = routeView(NO_ROUTE, unmatched, false);
  return {
    since: isoTimestampOrNull(report.sinceMs),
    items: [...byRoute].map(([route, rows]) => routeView(route, rows, known.has(route))),
    unmatched: { responses, bytes, posts, paths: report.paths },
  };
}

/** Returns the hours of one route that have counts, in order. */
export function routeHours(hours: readonly StoredHour[]) {
  const byHour = new Map<number, StoredRoute[]>();
  for (const row of hours) {
    const rows = byHour.get(row.hourMs) ?? [];
    byHour.set(row.hourMs, [...rows, { ...row, lastMs: row.hourMs }]);
  }
  return Array.from(byHour, ([hourMs, rows]) => {
    const { route, isConfigured, lastSeenAt, ...figures } = routeView(rows[0]!.route, rows, false);
    return { at: isoTimestamp(hourMs), ...figures };
  });
}

function routeView(route: string, rows: readonly StoredRoute[], isConfigured: boolean): RouteView {
  const answers = rows.filter(({ outcome }) => outcome !== 'checked' && outcome !== 'differs');
  const sum = (of: readonly StoredRoute[], name: 'responses' | 'posts' | 'bytes') =>
    of.reduce((total, row) => total + row[name], 0);
  const only = (outcome: string) =>
    sum(
      rows.filter((row) => row.outcome === outcome),
      'responses',
    );
  const posts = sum(answers, 'posts');
  const withBody = sum(
    rows.filter(({ outcome }) => mayHoldPosts(outcome)),
    'responses',
  );
  return {
    route,
    isConfigured,
    posts,
    responses: sum(answers, 'responses'),
    bytes: sum(answers, 'bytes'),
    empty: only('empty'),
    none: only('none'),
    uncounted: rows.filter(isUncounted).map((row) => ({ reason: row.outcome, responses: row.responses })),
    checked: only('checked'),
    differs: only('differs'),
    postsPerResponse: withBody === 0 ? null : Math.round((posts / withBody) * 100) / 100,
    lastSeenAt: rows.length === 0 ? null : isoTimestamp(Math.max(...rows.map(({ lastMs }) => lastMs))),
  };
}

const COUNTABLE: ReadonlySet<string> = new Set(['counted', 'empty', 'none', 'checked', 'differs']);

/** True if the outcome is a reason why posts could not be counted. */
export function isUncounted({ outcome }: { readonly outcome: string }): boolean {
  return !COUNTABLE.has(outcome);
}
