/** Unique posts by bucket in the simplest form: all ids of a UTC day in one set. */

import type { Usage } from '../../../src/meter/usage.ts';
import type { DeliveriesAt } from '../../../src/tariff/posts.ts';

export type ServedRow = Pick<Usage, 'bucketMs' | 'posts' | 'ids'>;

/** @param countsIds returns true if each post counts once a UTC day in the bucket. */
export function servedAt(
  rows: readonly ServedRow[],
  countsIds: (bucketMs: number) => boolean,
): DeliveriesAt[] {
  const seen = new Set<string>();
  return rows
    .toSorted((a, b) => a.bucketMs - b.bucketMs)
    .map(({ bucketMs, posts, ids }) => {
      let uniquePosts = posts;
      for (let at = 0; countsIds(bucketMs) && ids !== undefined && at < ids.length; at += 2) {
        const key = `${new Date(bucketMs).toISOString().slice(0, 10)} ${ids[at]} ${ids[at + 1]}`;
        if (seen.has(key)) uniquePosts--;
        seen.add(key);
      }
      return { bucketMs, posts, uniquePosts };
    });
}
