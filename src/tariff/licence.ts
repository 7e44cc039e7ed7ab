/** Licences: a number of posts included per calendar month (UTC), and the price of the posts beyond. */

import { type RatedLine, rateLines } from './lines.ts';
import { between, type PostsAt, sumOf } from './posts.ts';
import type { LicenceTariff } from './tariff.ts';
import { isLicence, type Period } from './timeline.ts';

/** One calendar month under a licence, as computed from usage and tariffs alone. */
export interface RatedMonth {
  /** Start of the month, epoch milliseconds UTC. */
  readonly monthMs: number;
  /** Posts under a licence version. */
  readonly posts: number;
  /** The highest `included` of the versions in force in the month, because doubt favours the client. */
  readonly included: number;
  readonly billedPosts: number;
  readonly lines: readonly RatedLine[];
}

/**
 * Returns the months with posts under a licence, in order of time. The last posts of a month are the ones beyond
 * `included`.
 */
export function licenceMonths(
  posts: readonly PostsAt[],
  periods: readonly Period[],
  bucketSeconds: number,
): RatedMonth[] {
  const licences = periods.filter(isLicence);
  const months = new Map<number, PostsAt[]>();
  for (const period of licences) {
    for (const at of between(posts, period.fromMs, period.toMs)) {
      const monthMs = monthOf(at.bucketMs);
      const month = months.get(monthMs);
      if (month === undefined) months.set(monthMs, [at]);
      else month.push(at);
    }
  }
  return Array.from(months, ([monthMs, inMonth]) => rateMonth(monthMs, inMonth, licences, bucketSeconds));
}

/** Start of the calendar month (UTC) that contains `atMs`. */
export function monthOf(atMs: number): number {
  const at = new Date(atMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth());
}

/** Start of the next calendar month (UTC). */
export function nextMonth(monthMs: number): number {
  const at = new Date(monthMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1);
}

function rateMonth(
  monthMs: number,
  posts: readonly PostsAt[],
  licences: readonly Period<LicenceTariff>[],
  bucketSeconds: number,
): RatedMonth {
  const inForce = licences.filter((period) => period.fromMs < nextMonth(monthMs) && period.toMs > monthMs);
  const included = inForce.reduce((highest, period) => Math.max(highest, period.tariff.included), 0);
  const billed = beyond(posts, included);
  return {
    monthMs,
    posts: sumOf(posts),
    included,
    billedPosts: sumOf(billed),
    lines: rateLines(billed, licences, bucketSeconds * 1000),
  };
}

function beyond(posts: readonly PostsAt[], included: number): PostsAt[] {
  let room = included;
  const billed: PostsAt[] = [];
  for (const at of posts) {
    const free = Math.min(room, at.posts);
    room -= free;
    if (free < at.posts) billed.push({ bucketMs: at.bucketMs, posts: at.posts - free });
  }
  return billed;
}
