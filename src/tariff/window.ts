/**
 * Finds windows of `windowMs`, truncated to buckets, whose posts exceed the threshold. A window is named by its
 * last bucket. The rolling total changes only when a bucket enters or leaves, and the threshold only when a version
 * does, so the sweep steps from change to change and never visits an empty minute.
 */

import type { PostsAt } from './posts.ts';
import type { TimelineSegment } from './timeline.ts';

/** A maximal connected union of violating windows, half open. Windows that overlap or touch are connected. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  /** The largest total of a violating window, and the first bucket that reached it. */
  readonly peakPosts: number;
  readonly peakAtMs: number;
}

/** The threshold that applies to windows from this one on (named by its last bucket). */
export interface ThresholdStep {
  readonly fromMs: number;
  readonly threshold: number;
}

/** Consecutive windows with the same total and threshold, named by the buckets in [fromMs, toMs). */
export interface WindowRun {
  readonly fromMs: number;
  /** Infinity if the segment has no end and nothing changes any more. */
  readonly toMs: number;
  readonly total: number;
  readonly threshold: number;
}

/**
 * Returns the stretches of a segment in order of time. `posts` must belong to the segment. A window that would
 * begin before the segment holds only the segment's posts, and the last window ends with the segment. Linear in
 * posts and versions.
 */
export function findStretches(
  posts: readonly PostsAt[],
  segment: TimelineSegment,
  bucketMs: number,
): Stretch[] {
  const stretches: Stretch[] = [];
  eachWindowRun(posts, segment, bucketMs, ({ fromMs, toMs, total, threshold }) => {
    if (total <= threshold) return;
    cover(stretches, {
      fromMs: Math.max(segment.fromMs, fromMs + bucketMs - segment.windowMs),
      toMs,
      peakPosts: total,
      peakAtMs: fromMs,
    });
  });
  return stretches;
}

/** Visits all windows of a segment in order of time, without gaps. `posts` must belong to the segment. */
export function eachWindowRun(
  posts: readonly PostsAt[],
  segment: TimelineSegment,
  bucketMs: number,
  visit: (run: WindowRun) => void,
): void {
  const { windowMs } = segment;
  const steps = thresholdSteps(segment, bucketMs);
  let entered = 0;
  let left = 0;
  let step = 0;
  let total = 0;
  const nextChangeMs = () =>
    Math.min(
      posts[entered]?.bucketMs ?? Number.POSITIVE_INFINITY,
      left < entered ? posts[left]!.bucketMs + windowMs : Number.POSITIVE_INFINITY,
      steps[step]?.fromMs ?? Number.POSITIVE_INFINITY,
    );

  for (let fromMs = nextChangeMs(); fromMs < segment.toMs; ) {
    while (entered < posts.length && posts[entered]!.bucketMs <= fromMs) total += posts[entered++]!.posts;
    while (left < entered && posts[left]!.bucketMs + windowMs <= fromMs) total -= posts[left++]!.posts;
    while (step < steps.length && steps[step]!.fromMs <= fromMs) step++;
    const toMs = Math.min(segment.toMs, nextChangeMs());
    visit({ fromMs, toMs, total, threshold: steps[step - 1]!.threshold });
    fromMs = toMs;
  }
}

/**
 * Returns the threshold that applies to each window: the highest in force in any of its buckets, because doubt
 * favours the client. Steps are in order of time, the first at the segment's start.
 */
export function thresholdSteps(segment: TimelineSegment, bucketMs: number): ThresholdStep[] {
  const { periods, windowMs } = segment;
  const steps: ThresholdStep[] = [];
  // A monotonic queue of versions that may still be the highest in the window, with falling thresholds.
  const highest: { threshold: number; leavesMs: number }[] = [];
  let head = 0;
  let entered = 0;
  const nextChangeMs = () =>
    Math.min(
      periods[entered]?.fromMs ?? Number.POSITIVE_INFINITY,
      highest[head]?.leavesMs ?? Number.POSITIVE_INFINITY,
    );

  for (let atMs = nextChangeMs(); atMs < segment.toMs; atMs = nextChangeMs()) {
    while (entered < periods.length && periods[entered]!.fromMs <= atMs) {
      const { toMs, tariff } = periods[entered++]!;
      while (highest.length > head && highest.at(-1)!.threshold <= tariff.threshold) highest.pop();
      highest.push({ threshold: tariff.threshold, leavesMs: toMs + windowMs - bucketMs });
    }
    while (highest[head]!.leavesMs <= atMs) head++;
    steps.push({ fromMs: atMs, threshold: highest[head]!.threshold });
  }
  return steps;
}

function cover(stretches: Stretch[], next: Stretch): void {
  const last = stretches.at(-1);
  if (last === undefined || next.fromMs > last.toMs) {
    stretches.push(next);
    return;
  }
  const peak = next.peakPosts > last.peakPosts ? next : last;
  stretches[stretches.length - 1] = {
    fromMs: last.fromMs,
    toMs: next.toMs,
    peakPosts: peak.peakPosts,
    peakAtMs: peak.peakAtMs,
  };
}
