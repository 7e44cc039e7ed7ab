/** Detects routes that may miss posts: their posts per response collapse compared with the week before. */

import type { CountingOutcome, RouteSums } from './port.ts';

const HOUR_MS = 3_600_000;
/** The recent span is the current hour and the one before it. */
const RECENT_HOURS = 2;
const WEEK_HOURS = 7 * 24;
/** With fewer responses there is no verdict. */
const MIN_RECENT_RESPONSES = 20;
const MIN_WEEK_RESPONSES = 100;
/** Posts per response below this share of last week's raise a warning. */
const COLLAPSED_SHARE = 0.1;

export interface Spans {
  readonly weekFromMs: number;
  readonly recentFromMs: number;
  readonly toMs: number;
}

/** Returns the recent span and the week before it, in whole UTC hours. */
export function healthSpans(nowMs: number): Spans {
  const hourMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  const recentFromMs = hourMs - (RECENT_HOURS - 1) * HOUR_MS;
  return { weekFromMs: recentFromMs - WEEK_HOURS * HOUR_MS, recentFromMs, toMs: hourMs + HOUR_MS };
}

export interface CollapsedRoute {
  readonly route: string;
  /** Posts per response in the current hour and the one before. */
  readonly now: number;
  /** Posts per response in the seven days before. */
  readonly before: number;
}

/** True for responses that may contain posts: not those without anything to count, nor second counts. */
export function mayHoldPosts(outcome: CountingOutcome): boolean {
  return outcome !== 'none' && outcome !== 'checked' && outcome !== 'differs';
}

/** Posts per response by route, with the number of responses. Uncounted responses contain no posts here. */
function ratios(sums: readonly RouteSums[]): Map<string, { posts: number; responses: number }> {
  const byRoute = new Map<string, { posts: number; responses: number }>();
  for (const { route, outcome, responses, posts } of sums) {
    if (!mayHoldPosts(outcome)) continue;
    const sum = byRoute.get(route) ?? { posts: 0, responses: 0 };
    sum.posts += posts;
    sum.responses += responses;
    byRoute.set(route, sum);
  }
  return byRoute;
}

/** Returns routes in name order whose posts per response are below a tenth of those of the week before. */
export function collapsedRoutes(week: readonly RouteSums[], recent: readonly RouteSums[]): CollapsedRoute[] {
  const now = ratios(recent);
  return [...ratios(week)]
    .flatMap(([route, before]) => {
      const present = now.get(route);
      if (present === undefined || present.responses < MIN_RECENT_RESPONSES) return [];
      if (before.responses < MIN_WEEK_RESPONSES) return [];
      const found = {
        route,
        now: present.posts / present.responses,
        before: before.posts / before.responses,
      };
      return found.now < found.before * COLLAPSED_SHARE ? [found] : [];
    })
    .sort((a, b) => (a.route < b.route ? -1 : 1));
}

/** Returns one sentence for people: what fell, from what, and what to check. */
export function explainCollapse({ route, now, before }: CollapsedRoute): string {
  const name = route === '' ? 'responses without a route' : `route ${route}`;
  return `${name}: ${figure(now)} posts per response, last week ${figure(before)}; check its selectors with \`postmeter count --explain\``;
}

function figure(value: number): string {
  return String(Math.round(value * 100) / 100);
}
