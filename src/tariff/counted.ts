/** Which posts a tariff counts: every delivery, or each post once a UTC day. */

import type { DeliveriesAt, PostsAt } from './posts.ts';
import type { Period } from './timeline.ts';

/**
 * Returns the posts of each row as the tariff in force at its bucket counts them. `periods` must be in order of
 * time.
 */
export function countedPosts(served: readonly DeliveriesAt[], periods: readonly Period[]): PostsAt[] {
  const uniquely = periods.filter(countsUnique);
  return served.map(({ bucketMs, posts, uniquePosts }) => ({
    bucketMs,
    posts: uniquely.some(({ fromMs, toMs }) => fromMs <= bucketMs && bucketMs < toMs)
      ? (uniquePosts ?? posts)
      : posts,
  }));
}

/** True if each post counts once a UTC day in the period. The ledger then stores post ids. */
export function countsUnique({ tariff }: Pick<Period, 'tariff'>): boolean {
  return tariff.kind !== 'exempt' && tariff.count === 'unique';
}
