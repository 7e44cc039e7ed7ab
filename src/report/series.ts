/** A client's usage over time in equal steps, each with the rolling total at its end. Pure. */

import { lowerBound } from '../tariff/posts.ts';

/** Usage of one step. */
export interface UsageSum {
  /** Start of the step, epoch milliseconds UTC. */
  readonly atMs: number;
  readonly posts: number;
  readonly requests: number;
  readonly refused: number;
  readonly bytes: number;
  readonly uncounted: number;
}

export interface UsagePoint extends UsageSum {
  /** Posts in the window that ends at the end of the step. */
  readonly total: number;
}

export interface SeriesRange {
  /** Both are starts of steps; half open. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/** Returns the window length in force at a moment. */
export type WindowMsAt = (atMs: number) => number;

/** Returns the longest grain that divides the step and every window. */
export function grainMs(stepMs: number, windowsMs: readonly number[]): number {
  return windowsMs.reduce(greatestCommonDivisor, stepMs);
}

/**
 * Returns one point per step, empty steps included. `sums` must be in order of time, at a grain that divides the
 * step and every window, and must start one longest window before `range.fromMs`.
 */
export function usageSeries(
  sums: readonly UsageSum[],
  range: SeriesRange,
  windowMsAt: WindowMsAt,
): UsagePoint[] {
  const postsBefore = runningPosts(sums);
  const points: UsagePoint[] = [];
  let next = firstFrom(sums, range.fromMs);
  for (let atMs = range.fromMs; atMs < range.toMs; atMs += range.stepMs) {
    const endMs = atMs + range.stepMs;
    const point = { atMs, posts: 0, requests: 0, refused: 0, bytes: 0, uncounted: 0, total: 0 };
    for (let sum = sums[next]; sum !== undefined && sum.atMs < endMs; sum = sums[++next]) {
      point.posts += sum.posts;
      point.requests += sum.requests;
      point.refused += sum.refused;
      point.bytes += sum.bytes;
      point.uncounted += sum.uncounted;
    }
    // The window in force at the point's last moment.
    const windowFrom = firstFrom(sums, endMs - windowMsAt(endMs - 1));
    point.total = postsBefore[next]! - postsBefore[windowFrom]!;
    points.push(point);
  }
  return points;
}

/** Returns prefix sums: `[i]` is the posts of all sums before the i-th. */
function runningPosts(sums: readonly UsageSum[]): number[] {
  const before = [0];
  for (const [index, sum] of sums.entries()) before.push(before[index]! + sum.posts);
  return before;
}

/** Index of the first sum at or after `atMs`. */
function firstFrom(sums: readonly UsageSum[], atMs: number): number {
  return lowerBound(sums.length, (index) => sums[index]!.atMs < atMs);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
