/** Groups callers that behave alike: the same family of user agents, the same routes and the same hours. */

import type { CallerActivity } from './activity.ts';

/** Cosine of the shares of posts by route, and of the posts by hour of the day, from which two callers are alike. */
const MIN_ROUTES_COSINE = 0.95;
const MIN_HOURS_COSINE = 0.9;
/** Callers in fewer networks are found by network. */
const MIN_NETWORKS = 3;
/** Different behaviours compared per family. Callers with further ones are in no group. Bounds the time to linear. */
const MAX_BEHAVIOURS = 64;

interface Behaviour {
  /** Of length 1. */
  readonly routes: ReadonlyMap<string, number>;
  readonly hours: Float64Array;
  readonly members: CallerActivity[];
}

/**
 * Returns the groups by key: the id of their largest caller. `callers` must be in a fixed order, the largest first: a caller
 * joins the first behaviour that it is like, or begins a new one.
 */
export function alikeGroups(callers: readonly CallerActivity[]): Map<string, CallerActivity[]> {
  const families = new Map<string, Behaviour[]>();
  for (const caller of callers) {
    const [userAgent] = caller.userAgents;
    if (userAgent === undefined) continue;
    const family = familyOf(userAgent.value);
    const behaviours = families.get(family) ?? [];
    families.set(family, behaviours);
    const { routes, hours } = vectorsOf(caller);
    const same = behaviours.find(
      (one) =>
        hoursCosine(one.hours, hours) >= MIN_HOURS_COSINE &&
        routesCosine(one.routes, routes) >= MIN_ROUTES_COSINE,
    );
    if (same !== undefined) same.members.push(caller);
    else if (behaviours.length < MAX_BEHAVIOURS) behaviours.push({ routes, hours, members: [caller] });
  }
  const groups = [...families.values()].flat().filter(({ members }) => isWidespread(members));
  return new Map(groups.map(({ members }) => [members[0]!.clientId, members]));
}

/** The user agent without its version numbers. */
export function familyOf(userAgent: string): string {
  return userAgent.replaceAll(/\d+(?:[._]\d+)*/g, '*').toLowerCase();
}

function isWidespread(members: readonly CallerActivity[]): boolean {
  const networks = new Set<string>();
  for (const { network } of members) {
    networks.add(network);
    if (networks.size === MIN_NETWORKS) return true;
  }
  return false;
}

/** Posts by route and by hour as vectors of length 1, or of length 0 without posts. */
function vectorsOf(caller: CallerActivity): Pick<Behaviour, 'routes' | 'hours'> {
  const routesLength = Math.hypot(...caller.routes.map(({ posts }) => posts)) || 1;
  const hoursLength = Math.hypot(...caller.hours) || 1;
  return {
    routes: new Map(caller.routes.map(({ value, posts }) => [value, posts / routesLength])),
    hours: Float64Array.from(caller.hours, (posts) => posts / hoursLength),
  };
}

function hoursCosine(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let hour = 0; hour < a.length; hour++) sum += a[hour]! * b[hour]!;
  return sum;
}

function routesCosine(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [route, value] of a) sum += value * (b.get(route) ?? 0);
  return sum;
}
