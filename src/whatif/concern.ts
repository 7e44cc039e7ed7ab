/**
 * Which clients a what-if can pass over, by their posts of each UTC day, without reading their usage by bucket. It is
 * exact: a window touches at most d = ceil(window / 24 h) + 1 UTC days, so a window over the threshold has a day with
 * more than threshold / d posts. For a licence, the posts of a calendar month decide.
 */

import { monthOf } from '../tariff/licence.ts';
import type { PostsAt } from '../tariff/posts.ts';
import type { Tariff } from '../tariff/tariff.ts';
import { windowMsOf } from '../tariff/timeline.ts';

const DAY_MS = 86_400_000;

/** A client that has no day and no month with more posts owes nothing and exceeds nothing. */
export interface Floors {
  readonly dayPosts: number;
  readonly monthPosts: number;
}

/** @param tariffs every tariff that may apply to the client; null ones are ignored. */
export function floorsOf(tariffs: readonly (Tariff | null)[], bucketSeconds: number): Floors {
  let dayPosts = Number.POSITIVE_INFINITY;
  let monthPosts = Number.POSITIVE_INFINITY;
  for (const tariff of tariffs) {
    if (tariff?.kind === 'licence') monthPosts = Math.min(monthPosts, tariff.included);
    if (tariff?.kind !== 'damages') continue;
    const days = Math.ceil(windowMsOf(tariff, bucketSeconds) / DAY_MS) + 1;
    dayPosts = Math.min(dayPosts, Math.floor(tariff.threshold / days));
  }
  return { dayPosts, monthPosts };
}

/** @param days the client's posts by UTC day, in any order; one entry per day. */
export function isConcerned(days: readonly PostsAt[], floors: Floors): boolean {
  const months = new Map<number, number>();
  for (const { bucketMs: dayMs, posts } of days) {
    if (posts > floors.dayPosts) return true;
    const monthMs = monthOf(dayMs);
    months.set(monthMs, (months.get(monthMs) ?? 0) + posts);
  }
  return [...months.values()].some((posts) => posts > floors.monthPosts);
}
