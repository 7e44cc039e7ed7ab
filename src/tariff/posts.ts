/**
 * Posts of one client by bucket, the only input of the billing rule. Sorted by bucket; each bucket appears once and
 * is not empty.
 */

import { bucketOf } from '../meter/usage.ts';

export interface PostsAt {
  /** Start of the bucket, epoch milliseconds UTC. */
  readonly bucketMs: number;
  /** More than 0. */
  readonly posts: number;
}

/** Posts of one client by bucket as stored in the ledger, by delivery and by id. */
export interface DeliveriesAt extends PostsAt {
  /**
   * Posts served for the first time in their UTC day plus posts without a known id; at most `posts`. Undefined if
   * no post in the bucket has a known id.
   */
  readonly uniquePosts?: number | undefined;
}

/**
 * Sums rows into posts by bucket. Rows may come in any order, several per bucket. Truncating to the bucket can only
 * favour the client.
 */
export function cutToBuckets(rows: Iterable<PostsAt>, bucketSeconds: number): PostsAt[] {
  const byBucket = new Map<number, number>();
  for (const row of rows) {
    if (row.posts === 0) continue;
    const bucketMs = bucketOf(row.bucketMs, bucketSeconds);
    byBucket.set(bucketMs, (byBucket.get(bucketMs) ?? 0) + row.posts);
  }
  const posts = Array.from(byBucket, ([bucketMs, count]) => ({ bucketMs, posts: count }));
  return posts.sort((a, b) => a.bucketMs - b.bucketMs);
}

/** The part in [fromMs, toMs). */
export function between<T extends PostsAt>(posts: readonly T[], fromMs: number, toMs: number): readonly T[] {
  return posts.slice(firstAtOrAfter(posts, fromMs), firstAtOrAfter(posts, toMs));
}

/**
 * Returns a function that finds the period containing a bucket. Buckets must come in order of time, and a period
 * must contain each.
 */
export function periodAt<T extends { readonly toMs: number }>(
  periods: readonly T[],
): (bucketMs: number) => T {
  let index = 0;
  return (bucketMs) => {
    while (periods[index]!.toMs <= bucketMs) index++;
    return periods[index]!;
  };
}

export function sumOf(posts: readonly PostsAt[]): number {
  return posts.reduce((sum, at) => sum + at.posts, 0);
}

function firstAtOrAfter(posts: readonly PostsAt[], atMs: number): number {
  return lowerBound(posts.length, (index) => posts[index]!.bucketMs < atMs);
}

/**
 * The first index below `length` for which `isBefore` is false; `length` if there is none. `isBefore` must be true up to
 * one index, and false after it.
 */
export function lowerBound(length: number, isBefore: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
