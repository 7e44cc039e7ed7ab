/** A hard limiter of `threshold` posts per window, replayed over delivered posts. */

import { type PostsAt, periodAt } from './posts.ts';
import type { DamagesTariff } from './tariff.ts';
import type { TimelineSegment } from './timeline.ts';
import { thresholdSteps } from './window.ts';

/**
 * Returns the posts by bucket that the limiter would have refused. A refused post does not count towards the next
 * window. Every refused post lies in a violating window, because the limiter never passes more than was delivered.
 * @param posts posts of the segment.
 * @param isLimited returns true if the limiter applies under this version; it passes every post under the others.
 */
export function refusedPosts(
  posts: readonly PostsAt[],
  segment: TimelineSegment,
  bucketMs: number,
  isLimited: (tariff: DamagesTariff) => boolean,
): PostsAt[] {
  const steps = thresholdSteps(segment, bucketMs);
  const tariffAt = periodAt(segment.periods);
  const passed: number[] = [];
  const refused: PostsAt[] = [];
  let step = 0;
  let left = 0;
  let total = 0;
  for (const at of posts) {
    while (posts[left]!.bucketMs + segment.windowMs <= at.bucketMs) total -= passed[left++]!;
    while (step < steps.length && steps[step]!.fromMs <= at.bucketMs) step++;
    const room = Math.max(0, steps[step - 1]!.threshold - total);
    const passing = isLimited(tariffAt(at.bucketMs).tariff) ? Math.min(room, at.posts) : at.posts;
    passed.push(passing);
    total += passing;
    if (passing < at.posts) refused.push({ bucketMs: at.bucketMs, posts: at.posts - passing });
  }
  return refused;
}
