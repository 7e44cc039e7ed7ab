/** Callers for tests of groups, from a seed. */

import { addressOf, type CallerActivity } from '../../src/callers/activity.ts';
import { networkOf, wideNetworkOf } from '../../src/callers/network.ts';

/** A linear congruential generator: the same callers in every run. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

export interface SeedTraits {
  readonly userAgent?: string;
  /** Posts by route. */
  readonly routes?: Readonly<Record<string, number>>;
  /** Hours of the day with the posts. */
  readonly hours?: readonly number[];
}

export function caller(clientId: string, posts: number, traits: SeedTraits = {}): CallerActivity {
  const { userAgent, routes = {}, hours = Array.from({ length: 24 }, (_, hour) => hour) } = traits;
  const address = addressOf(clientId)!;
  return {
    ...{ clientId, network: networkOf(address), wideNetwork: wideNetworkOf(address) },
    ...{ isRange: clientId.startsWith('net:'), posts, requests: posts },
    hours: Array.from({ length: 24 }, (_, hour) => (hours.includes(hour) ? posts / hours.length : 0)),
    userAgents: userAgent === undefined ? [] : [{ value: userAgent, requests: posts, posts }],
    routes: Object.entries(routes).map(([value, share]) => ({ value, requests: share, posts: share })),
  };
}

/** As a report has them: the largest first. */
export function inOrder(callers: readonly CallerActivity[]): CallerActivity[] {
  return callers.toSorted((a, b) => b.posts - a.posts || (a.clientId < b.clientId ? -1 : 1));
}

export function randomAddress(random: (below: number) => number): string {
  return `addr:${1 + random(222)}.${random(256)}.${random(256)}.${random(256)}`;
}
