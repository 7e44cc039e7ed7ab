/**
 * The rolling total of one client as the billing rule computes it, in at most 800 columns, with the threshold and the
 * moments at which the total exceeds it. Pure.
 */

import { between, type PostsAt } from '../tariff/posts.ts';
import { DEFAULT_TARIFF, DEFAULT_WINDOW_MS } from '../tariff/tariff.ts';
import { type Period, segmentsOf, type TimelineSegment } from '../tariff/timeline.ts';
import { eachWindowRun, type WindowRun } from '../tariff/window.ts';

/** Half open, epoch milliseconds UTC. */
export interface ChartSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ChartRange extends ChartSpan {
  readonly stepMs: number;
}

/** One step of the range. The last one may be shorter. */
export interface ChartColumn {
  readonly atMs: number;
  /** The smallest and the largest total of the windows named by the buckets of the column. */
  readonly min: number;
  readonly max: number;
  /** Posts in the column, as the tariff counts them. */
  readonly posts: number;
}

export interface ThresholdSpan extends ChartSpan {
  readonly threshold: number;
}

export interface ClientChart {
  readonly columns: readonly ChartColumn[];
  /** Absent where no tariff with a threshold applies. */
  readonly thresholds: readonly ThresholdSpan[];
  /** Where the total exceeds the threshold. Interruptions within one column are left out. */
  readonly over: readonly ChartSpan[];
  /** The total of the last window, which ends with the range. */
  readonly total: number;
  /** The largest total, and the first bucket with it. */
  readonly peak: { readonly total: number; readonly atMs: number };
}

export const MAX_COLUMNS = 800;
const STEPS_SECONDS = [1, 10, 60, 300, 900, 3600, 21_600, 86_400];

/** Returns the range in the shortest steps that give at most 800 columns. It begins with a step and ends with a bucket. */
export function chartRange({ fromMs, toMs }: ChartSpan, bucketSeconds: number): ChartRange {
  const bucketMs = bucketSeconds * 1000;
  const endMs = Math.ceil(toMs / bucketMs) * bucketMs;
  const starts = STEPS_SECONDS.filter((seconds) => seconds >= bucketSeconds).map((seconds) => {
    const stepMs = seconds * 1000;
    return { fromMs: Math.floor(fromMs / stepMs) * stepMs, toMs: endMs, stepMs };
  });
  return starts.find((range) => (endMs - range.fromMs) / range.stepMs <= MAX_COLUMNS) ?? starts.at(-1)!;
}

/**
 * Returns the columns of the range. Under a damages tariff the totals are those of the billing rule: a window holds
 * only posts of its own segment. Elsewhere they are the posts of the default window, without a threshold.
 * @param posts sorted by bucket, one entry each, from one longest window before the range on.
 * @param periods the tariffs of the client, in order of time.
 */
export function clientChart(
  posts: readonly PostsAt[],
  periods: readonly Period[],
  range: ChartRange,
  bucketSeconds: number,
): ClientChart {
  const bucketMs = bucketSeconds * 1000;
  const columns = new Columns(range);
  for (const at of between(posts, range.fromMs, range.toMs)) columns.addPosts(at);
  const segments = segmentsOf(periods, bucketSeconds).filter(
    ({ fromMs, toMs }) => fromMs < range.toMs && toMs > range.fromMs,
  );
  let doneMs = range.fromMs;
  for (const segment of segments) {
    columns.addUnlimited(posts, { fromMs: doneMs, toMs: segment.fromMs }, bucketMs);
    eachWindowRun(between(posts, segment.fromMs, segment.toMs), segment, bucketMs, (run) => columns.add(run));
    doneMs = segment.toMs;
  }
  columns.addUnlimited(posts, { fromMs: doneMs, toMs: range.toMs }, bucketMs);
  return columns.chart();
}

class Columns {
  readonly #range: ChartRange;
  readonly #columns: { atMs: number; min: number; max: number; posts: number }[] = [];
  readonly #thresholds: { fromMs: number; toMs: number; threshold: number }[] = [];
  readonly #over: { fromMs: number; toMs: number }[] = [];
  #peak = { total: 0, atMs: 0 };
  #total = 0;

  constructor(range: ChartRange) {
    this.#range = range;
    this.#peak.atMs = range.fromMs;
    for (let atMs = range.fromMs; atMs < range.toMs; atMs += range.stepMs) {
      this.#columns.push({ atMs, min: Number.POSITIVE_INFINITY, max: 0, posts: 0 });
    }
  }

  addPosts({ bucketMs, posts }: PostsAt): void {
    this.#columns[this.#columnOf(bucketMs)]!.posts += posts;
  }

  add(run: WindowRun): void {
    const shown = this.#addTotal(run);
    if (shown === null) return;
    const { threshold } = run;
    const last = this.#thresholds.at(-1);
    if (last?.toMs === shown.fromMs && last.threshold === threshold) last.toMs = shown.toMs;
    else this.#thresholds.push({ ...shown, threshold });
    if (run.total > threshold) this.#addOver(shown);
  }

  /** A span without a threshold. Its windows hold earlier posts too. */
  addUnlimited(posts: readonly PostsAt[], { fromMs, toMs }: ChartSpan, bucketMs: number): void {
    if (fromMs >= toMs) return;
    const startMs = fromMs - DEFAULT_WINDOW_MS;
    const segment: TimelineSegment = {
      ...{ fromMs: startMs, toMs, windowMs: DEFAULT_WINDOW_MS },
      periods: [{ fromMs: startMs, toMs, versionId: '', tariff: DEFAULT_TARIFF }],
    };
    eachWindowRun(between(posts, startMs, toMs), segment, bucketMs, (run) => {
      this.#addTotal({ ...run, fromMs: Math.max(run.fromMs, fromMs) });
    });
  }

  chart(): ClientChart {
    return {
      ...{ columns: this.#columns, thresholds: this.#thresholds, over: this.#over },
      ...{ total: this.#total, peak: this.#peak },
    };
  }

  /** Returns the part of the run in the range, or null. */
  #addTotal({ total, ...run }: ChartSpan & { readonly total: number }): ChartSpan | null {
    const fromMs = Math.max(run.fromMs, this.#range.fromMs);
    const toMs = Math.min(run.toMs, this.#range.toMs);
    if (fromMs >= toMs) return null;
    for (let index = this.#columnOf(fromMs); index <= this.#columnOf(toMs - 1); index++) {
      const column = this.#columns[index]!;
      column.min = Math.min(column.min, total);
      column.max = Math.max(column.max, total);
    }
    this.#total = total;
    if (total > this.#peak.total) this.#peak = { total, atMs: fromMs };
    return { fromMs, toMs };
  }

  #addOver({ fromMs, toMs }: ChartSpan): void {
    const last = this.#over.at(-1);
    const continues =
      last !== undefined &&
      (last.toMs === fromMs || this.#columnOf(last.toMs - 1) === this.#columnOf(fromMs));
    if (continues) last.toMs = toMs;
    else this.#over.push({ fromMs, toMs });
  }

  #columnOf(atMs: number): number {
    return Math.floor((atMs - this.#range.fromMs) / this.#range.stepMs);
  }
}

export interface Gap extends ChartSpan {
  readonly responses: number;
  readonly posts: number;
}

/** Joins the gaps of all gateways that overlap or touch, and adds them up. `gaps` must be sorted by their start. */
export function joinGaps(gaps: readonly Gap[]): Gap[] {
  const joined: Gap[] = [];
  for (const { fromMs, toMs, responses, posts } of gaps) {
    const last = joined.at(-1);
    if (last === undefined || fromMs > last.toMs) joined.push({ fromMs, toMs, responses, posts });
    else {
      joined[joined.length - 1] = {
        fromMs: last.fromMs,
        toMs: Math.max(last.toMs, toMs),
        responses: last.responses + responses,
        posts: last.posts + posts,
      };
    }
  }
  return joined;
}
