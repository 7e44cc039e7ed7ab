/** Groups unknown callers and sums them up. Plain data in, plain data out. */

import type { CallerActivity } from './activity.ts';
import { alikeGroups } from './alike.ts';
import type { ValueCount } from './frequent-values.ts';
import { networkGroups } from './network-groups.ts';

export const GROUPINGS = ['network', 'user_agent', 'alike'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface CallerGroup {
  /** Unique among the groups of one grouping: a network, a user agent, or the id of a caller. */
  readonly key: string;
  readonly by: Grouping;
  readonly members: readonly CallerActivity[];
  /** False for a range of callers (`net:`): several parties whose shares are unknown are never billed. */
  readonly mayBeNamed: boolean;
  readonly posts: number;
  readonly requests: number;
  /** Posts of the largest caller. */
  readonly largest: number;
  /** Different /24 and /48. */
  readonly networks: number;
  /** Most posts first. */
  readonly userAgents: readonly ValueCount[];
  readonly routes: readonly ValueCount[];
  /** Posts by hour of the day, UTC. */
  readonly hours: readonly number[];
}

/**
 * Returns the groups, the one with the most posts first. `seen` must be in a fixed order, the largest caller first.
 * @param minPosts callers with fewer posts are neighbours, but not grouped.
 */
export function groupCallers(by: Grouping, seen: readonly CallerActivity[], minPosts: number): CallerGroup[] {
  const ranges = seen.filter(({ isRange, posts }) => isRange && posts >= minPosts);
  const callers = seen.filter(({ isRange }) => !isRange);
  const isCaller = ({ posts }: CallerActivity) => posts >= minPosts;
  const grouped =
    by === 'network'
      ? new Map<string, CallerActivity[]>([
          ...networkGroups(callers, isCaller),
          ...ranges.map((range): [string, CallerActivity[]] => [range.clientId, [range]]),
        ])
      : by === 'user_agent'
        ? userAgentGroups(callers.filter(isCaller))
        : alikeGroups(callers.filter(isCaller));
  const groups = Array.from(grouped, ([key, members]) => groupOf(key, by, members));
  return groups.sort((a, b) => b.posts - a.posts || (a.key < b.key ? -1 : 1));
}

/** By the user agent with the most posts of each caller. */
function userAgentGroups(callers: readonly CallerActivity[]): Map<string, CallerActivity[]> {
  const groups = new Map<string, CallerActivity[]>();
  for (const caller of callers) {
    const key = caller.userAgents[0]?.value;
    if (key === undefined) continue;
    const members = groups.get(key);
    if (members === undefined) groups.set(key, [caller]);
    else members.push(caller);
  }
  return groups;
}

function groupOf(key: string, by: Grouping, members: readonly CallerActivity[]): CallerGroup {
  const sum = (of: (one: CallerActivity) => number) => members.reduce((total, one) => total + of(one), 0);
  return {
    ...{ key, by, members },
    mayBeNamed: members.every(({ isRange }) => !isRange),
    posts: sum(({ posts }) => posts),
    requests: sum(({ requests }) => requests),
    largest: members.reduce((max, { posts }) => Math.max(max, posts), 0),
    networks: new Set(members.map(({ network }) => network)).size,
    userAgents: addedUp(members.flatMap(({ userAgents }) => userAgents)),
    routes: addedUp(members.flatMap(({ routes }) => routes)),
    hours: Array.from({ length: 24 }, (_, hour) => sum(({ hours }) => hours[hour]!)),
  };
}

function addedUp(counts: readonly ValueCount[]): ValueCount[] {
  const sums = new Map<string, { value: string; requests: number; posts: number }>();
  for (const { value, requests, posts } of counts) {
    const sum = sums.get(value);
    if (sum === undefined) sums.set(value, { value, requests, posts });
    else {
      sum.requests += requests;
      sum.posts += posts;
    }
  }
  return [...sums.values()].sort((a, b) => b.posts - a.posts || (a.value < b.value ? -1 : 1));
}

/** Share of the posts that the hours of a rhythm hold, and the hours from which it is steady. */
const RHYTHM_SHARE = 0.9;
const STEADY_HOURS = 18;

/** The shortest span of the day with at least 90 % of the posts, such as `06-09 UTC`; `steady` if it is 18 hours or more. */
export function rhythmOf(hours: readonly number[]): string {
  const total = hours.reduce((sum, posts) => sum + posts, 0);
  for (let length = 1; length < STEADY_HOURS; length++) {
    for (let from = 0; from < 24; from++) {
      let sum = 0;
      for (let at = from; at < from + length; at++) sum += hours[at % 24]!;
      if (sum < total * RHYTHM_SHARE) continue;
      const [first, end] = [from, (from + length) % 24].map((hour) => String(hour).padStart(2, '0'));
      return `${first}-${end} UTC`;
    }
  }
  return 'steady';
}
