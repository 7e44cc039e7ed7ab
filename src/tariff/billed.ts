/**
 * Which posts of a segment are billed as damages. A tariff that refuses relies on the gateway to hold the client to
 * the threshold, so posts that the gateway delivers under it are never billed:
 *
 * 1. Posts beyond the threshold are ignored. Several processes, one page that crosses the threshold, or an
 *    unreachable window store can let them through, and the client cannot know.
 * 2. Posts up to the threshold are not billed, but they fill the window. A client that then exceeds the threshold
 *    under a version that bills owes the posts of that version.
 *
 * A client that obeys every 429 therefore owes nothing, and no later tariff turns its posts into damages.
 */

import { refusedPosts } from './limiter.ts';
import { between, type PostsAt, periodAt } from './posts.ts';
import type { DamagesTariff } from './tariff.ts';
import type { TimelineSegment } from './timeline.ts';
import { findStretches } from './window.ts';

/** Why posts of a breach are not billed. */
export type UnbilledReason = 'within_refusing_tariff';

/** Returns the billed posts by bucket, in order of time. `posts` must belong to the segment. Linear in its input. */
export function billedPosts(
  posts: readonly PostsAt[],
  segment: TimelineSegment,
  bucketMs: number,
): readonly PostsAt[] {
  const { periods } = segment;
  const isExcess = periods[0]!.tariff.basis === 'excess';
  if (!periods.some(({ tariff }) => refuses(tariff))) {
    return isExcess ? refusedPosts(posts, segment, bucketMs, () => true) : posts;
  }
  const owed = isExcess
    ? refusedPosts(posts, segment, bucketMs, () => true)
    : owedPosts(posts, segment, bucketMs);
  const tariffAt = periodAt(periods);
  return owed.filter(({ bucketMs: atMs }) => !refuses(tariffAt(atMs).tariff));
}

/** Returns the reason if some of the posts were delivered under a version that refuses, otherwise null. */
export function unbilledReason(posts: readonly PostsAt[], segment: TimelineSegment): UnbilledReason | null {
  const tariffAt = periodAt(segment.periods);
  return posts.some(({ bucketMs }) => refuses(tariffAt(bucketMs).tariff)) ? 'within_refusing_tariff' : null;
}

function refuses(tariff: DamagesTariff): boolean {
  return tariff.onThreshold === 'refuse';
}

/** Posts billed on basis `all`: those in windows over the threshold after rule 1 has removed posts. */
function owedPosts(posts: readonly PostsAt[], segment: TimelineSegment, bucketMs: number): PostsAt[] {
  const beyond = new Map<number, number>();
  for (const at of refusedPosts(posts, segment, bucketMs, refuses)) beyond.set(at.bucketMs, at.posts);
  const kept = posts
    .map((at) => ({ ...at, posts: at.posts - (beyond.get(at.bucketMs) ?? 0) }))
    .filter((at) => at.posts > 0);
  return findStretches(kept, segment, bucketMs).flatMap(({ fromMs, toMs }) => between(kept, fromMs, toMs));
}
