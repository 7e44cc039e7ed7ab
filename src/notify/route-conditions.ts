/** Conditions of routes, from the counts of all processes: uncounted responses rise, or posts are no longer found. */

import { NO_ROUTE, type RouteSums } from '../report/routes/port.ts';
import { collapsedRoutes } from '../report/routes/route-health.ts';
import { isUncounted } from '../report/routes/route-view.ts';
import type { NewEvent } from './event.ts';

/** With fewer recent responses there is no verdict. */
const MIN_RESPONSES = 20;
const MIN_SHARE = 0.01;
const MIN_RISE = 3;

/** Pairs of events that begin and end a condition of a route. */
export const ROUTE_CONDITIONS = [
  ['route.stopped', 'route.recovered'],
  ['uncounted.rising', 'uncounted.normal'],
] as const;

export interface RouteSpans {
  /** Sums of the week before the recent hours. */
  readonly week: readonly RouteSums[];
  /** Sums of the day before the recent hours. */
  readonly day: readonly RouteSums[];
  /** Sums of the current hour and the one before. */
  readonly recent: readonly RouteSums[];
  /** Sums of the last ten minutes, or `recent` after a start. */
  readonly minutes: readonly RouteSums[];
}

/** The events of conditions that hold now. */
export function raisedRoutes({ week, day, recent, minutes }: RouteSpans, atMs: number): NewEvent[] {
  const stopped = collapsedRoutes(week, recent).map(({ route, now, before }) =>
    routeEvent('route.stopped', route, atMs, {
      postsPerResponse: twoPlaces(now),
      postsPerResponseWeekBefore: twoPlaces(before),
    }),
  );
  const before = uncountedShares(day);
  const rising = [...uncountedShares(minutes)].flatMap(([route, now]) => {
    const share = now.uncounted / now.responses;
    const earlier = before.get(route);
    const earlierShare = earlier === undefined ? 0 : earlier.uncounted / earlier.responses;
    if (now.responses < MIN_RESPONSES || share <= MIN_SHARE || share <= MIN_RISE * earlierShare) return [];
    return [
      routeEvent('uncounted.rising', route, atMs, {
        uncounted: now.uncounted,
        responses: now.responses,
        percent: twoPlaces(share * 100),
        percentDayBefore: twoPlaces(earlierShare * 100),
      }),
    ];
  });
  return [...stopped, ...rising];
}

/** @param type the event that begins or ends the condition. */
export function routeEvent(type: string, route: string, atMs: number, data: NewEvent['data'] = {}): NewEvent {
  return { type, subject: `routes/${route}`, clientId: null, atMs, data: { route, ...data } };
}

interface Share {
  responses: number;
  uncounted: number;
}

/** Responses that are not second counts, by route. Responses without a route have no rule that could count them. */
function uncountedShares(sums: readonly RouteSums[]): Map<string, Share> {
  const byRoute = new Map<string, Share>();
  for (const { route, outcome, responses } of sums) {
    if (route === NO_ROUTE || outcome === 'checked' || outcome === 'differs') continue;
    const share = byRoute.get(route) ?? { responses: 0, uncounted: 0 };
    share.responses += responses;
    if (isUncounted({ outcome })) share.uncounted += responses;
    byRoute.set(route, share);
  }
  return byRoute;
}

function twoPlaces(value: number): number {
  return Math.round(value * 100) / 100;
}
