/** Basis `excess`: the posts that a hard limiter of `threshold` posts per window would have refused. */

import type { PostsAt } from './posts.ts';
import type { Segment } from './timeline.ts';
import { thresholdSteps } from './window.ts';

/**
 * The refused posts by bucket. A refused post does not count towards the next window. Every one lies in a violating
 * window, since what the limiter let through is never more than what was asked. `posts` are those of the segment.
 */
export function refusedPosts(posts: readonly PostsAt[], segment: Segment, bucketMs: number): PostsAt[] {
  const steps = thresholdSteps(segment, bucketMs);
  const passed: number[] = [];
  const refused: PostsAt[] = [];
  let step = 0;
  let left = 0;
  let total = 0;
  for (const at of posts) {
    while (posts[left]!.bucketMs + segment.windowMs <= at.bucketMs) total -= passed[left++]!;
    while (step < steps.length && steps[step]!.fromMs <= at.bucketMs) step++;
    const room = Math.max(0, steps[step - 1]!.threshold - total);
    const passing = Math.min(room, at.posts);
    passed.push(passing);
    total += passing;
    if (passing < at.posts) refused.push({ bucketMs: at.bucketMs, posts: at.posts - passing });
  }
  return refused;
}
