/** Breaches: the stretches over the threshold with what is billed for each (design, section 2). */

import { bucketOf } from '../meter/usage.ts';
import { billedPosts, type UnbilledReason, unbilledReason } from './billed.ts';
import { type RatedLine, rateLines, sumOfLines } from './lines.ts';
import { between, type PostsAt, sumOf } from './posts.ts';
import { type Period, segmentsOf, type TimelineSegment } from './timeline.ts';
import { findStretches, type Stretch } from './window.ts';

/** `void`: recomputing merged it into another breach or left nothing of it. It keeps its invoices. */
export type BreachState = 'open' | 'settling' | 'closed' | 'void';

/** A breach as computed from usage and tariffs alone. Times are half open, in epoch milliseconds UTC. */
export interface RatedBreach {
  readonly stretchFromMs: number;
  readonly stretchToMs: number;
  readonly windowMs: number;
  /** Start of the first bucket with posts, and end of the last one. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly posts: number;
  readonly billedPosts: number;
  /** Null if only the basis kept posts of the breach from being billed. */
  readonly unbilledReason: UnbilledReason | null;
  readonly peakPosts: number;
  readonly peakAtMs: number;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly lines: readonly RatedLine[];
}

/**
 * Returns all breaches of one client in order of time. `posts` must be sorted, with one non-empty entry per bucket.
 * Linear in its input.
 */
export function findBreaches(
  posts: readonly PostsAt[],
  periods: readonly Period[],
  bucketSeconds: number,
): RatedBreach[] {
  return segmentsOf(periods, bucketSeconds).flatMap((segment) =>
    breachesIn(segment, between(posts, segment.fromMs, segment.toMs), bucketSeconds * 1000),
  );
}

/**
 * `open` while the total is over the threshold, `settling` until late usage can no longer change it, then `closed`.
 */
export function breachState(
  breach: Pick<RatedBreach, 'stretchToMs' | 'windowMs'>,
  latenessMs: number,
  bucketSeconds: number,
  nowMs: number,
): BreachState {
  if (bucketOf(nowMs, bucketSeconds) < breach.stretchToMs) return 'open';
  return nowMs < closesAtMs(breach, latenessMs) ? 'settling' : 'closed';
}

/** When the breach closes, in epoch milliseconds, unless usage that arrives before then extends it. */
export function closesAtMs(
  breach: Pick<RatedBreach, 'stretchToMs' | 'windowMs'>,
  latenessMs: number,
): number {
  return breach.stretchToMs + breach.windowMs + latenessMs;
}

function breachesIn(segment: TimelineSegment, posts: readonly PostsAt[], bucketMs: number): RatedBreach[] {
  const stretches = findStretches(posts, segment, bucketMs);
  if (stretches.length === 0) return [];
  const billed = billedPosts(posts, segment, bucketMs);
  return stretches.map((stretch) => rate(stretch, segment, posts, billed, bucketMs));
}

function rate(
  stretch: Stretch,
  segment: TimelineSegment,
  allPosts: readonly PostsAt[],
  allBilled: readonly PostsAt[],
  bucketMs: number,
): RatedBreach {
  const posts = between(allPosts, stretch.fromMs, stretch.toMs);
  const billed = between(allBilled, stretch.fromMs, stretch.toMs);
  const lines = rateLines(billed, segment.periods, bucketMs);
  return {
    stretchFromMs: stretch.fromMs,
    stretchToMs: stretch.toMs,
    windowMs: segment.windowMs,
    fromMs: posts[0]!.bucketMs,
    toMs: posts.at(-1)!.bucketMs + bucketMs,
    posts: sumOf(posts),
    billedPosts: sumOf(billed),
    unbilledReason: unbilledReason(posts, segment),
    peakPosts: stretch.peakPosts,
    peakAtMs: stretch.peakAtMs,
    currency: segment.periods[0]!.tariff.currency,
    amountMinor: sumOfLines(lines),
    lines,
  };
}
