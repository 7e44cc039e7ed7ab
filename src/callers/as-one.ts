/** Judges many callers as if they were one client: their minutes are added up and the rule of breaches is run on the sum. */

import { findBreaches } from '../tariff/breach.ts';
import type { CurrencyAmount } from '../tariff/money.ts';
import { cutToBuckets, type PostsAt, sumOf } from '../tariff/posts.ts';
import type { TariffVersion } from '../tariff/tariff.ts';
import { timelineOf } from '../tariff/timeline.ts';

export interface JudgedAsOne {
  readonly posts: number;
  /** The largest total of a window, over the threshold or not. */
  readonly peakPosts: number;
  readonly breaches: number;
  /** What the breaches come to, by currency. */
  readonly amounts: readonly CurrencyAmount[];
}

/** The id of a client that has no tariff of its own. */
const NO_CLIENT = '';

/**
 * @param minutes in order of time; a bucket may appear several times.
 * @param defaults versions of the default tariff.
 * @param windowMs length of the window whose peak is returned.
 */
export function judgeAsOne(
  minutes: readonly PostsAt[],
  defaults: readonly TariffVersion[],
  bucketSeconds: number,
  windowMs: number,
): JudgedAsOne {
  const posts = cutToBuckets(minutes, bucketSeconds);
  const breaches = findBreaches(posts, timelineOf(NO_CLIENT, defaults, bucketSeconds), bucketSeconds);
  return {
    posts: sumOf(posts),
    peakPosts: peakOf(posts, windowMs),
    breaches: breaches.length,
    amounts: sumByCurrency(breaches),
  };
}

/** Amounts added up by currency, in order of currency. */
export function sumByCurrency(amounts: Iterable<CurrencyAmount>): CurrencyAmount[] {
  const sums = new Map<string, bigint>();
  for (const { currency, amountMinor } of amounts) {
    sums.set(currency, (sums.get(currency) ?? 0n) + amountMinor);
  }
  return Array.from(sums, ([currency, amountMinor]) => ({ currency, amountMinor })).sort((a, b) =>
    a.currency < b.currency ? -1 : 1,
  );
}

function peakOf(posts: readonly PostsAt[], windowMs: number): number {
  let [peak, total, left] = [0, 0, 0];
  for (const { bucketMs, posts: added } of posts) {
    total += added;
    while (posts[left]!.bucketMs + windowMs <= bucketMs) total -= posts[left++]!.posts;
    peak = Math.max(peak, total);
  }
  return peak;
}
