/** When a client will be over its threshold if the pace of the last hour continues. */

import type { PostsAt } from '../../tariff/posts.ts';

const HOUR_MS = 3_600_000;

export interface Course {
  /** Posts of the window that ends at `endMs`, in order of time, one entry per bucket. At most `threshold` together. */
  readonly posts: readonly PostsAt[];
  readonly windowMs: number;
  readonly threshold: number;
  /** Posts per hour. */
  readonly pace: number;
  /** End of the current bucket, epoch milliseconds. */
  readonly endMs: number;
  readonly bucketMs: number;
}

/**
 * Returns the start of the first bucket whose window will be over the threshold, in epoch milliseconds; null if there
 * will be none. Each later bucket adds its part of `pace`, and posts leave the window bucket by bucket. Steps from
 * departure to departure, so it is linear in the number of buckets with posts.
 */
export function forecastOverMs({ posts, windowMs, threshold, pace, endMs, bucketMs }: Course): number | null {
  if (pace === 0) return null;
  const bucketsPerHour = HOUR_MS / bucketMs;
  const last = windowMs / bucketMs;
  let remaining = posts.reduce((sum, at) => sum + at.posts, 0);
  let left = 0;
  // `bucket` counts the buckets after `endMs` from 1. From `last` on, the total is constant.
  for (let bucket = 1; bucket <= last; ) {
    const departed = endMs + (bucket - 1) * bucketMs - windowMs;
    while (left < posts.length && posts[left]!.bucketMs <= departed) remaining -= posts[left++]!.posts;
    const next = posts[left];
    const until = next === undefined ? last : (next.bucketMs + windowMs - endMs) / bucketMs;
    const over = Math.floor(((threshold - remaining) * bucketsPerHour) / pace) + 1;
    if (over <= until) return endMs + (over - 1) * bucketMs;
    bucket = until + 1;
  }
  return null;
}
