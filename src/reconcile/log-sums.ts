/** Sums of a log by client and hour. Memory grows with clients and hours, never with lines. */

import type { Hours } from './hours.ts';
import type { LogLine } from './log-line.ts';

interface Sum {
  posts: number;
  requests: number;
}

export interface LogSum extends Sum {
  bytes: number;
  /** The part that may belong to the hour before: lines within the slack after the hour's start. */
  readonly early: Sum;
  /** The part that may belong to the next hour. */
  readonly late: Sum;
}

/** By hour. The keys -1 and the number of hours hold lines outside the range that may belong to it. */
export type ClientSums = ReadonlyMap<number, Readonly<LogSum>>;

export class LogSums {
  readonly clients = new Map<string, Map<number, LogSum>>();
  /** Lines in the range that were added. */
  lines = 0;
  /** Lines farther from the range than the slack. */
  outside = 0;
  /** Lines of successful responses without a count. */
  withoutPosts = 0;
  /** Lines in the range whose count is ignored, because such a response holds no posts (HEAD, 304, 404, ...). */
  passedOver = 0;
  firstMs: number | null = null;
  lastMs: number | null = null;
  hasBytes = false;
  readonly #hours: Hours;

  constructor(hours: Hours) {
    this.#hours = hours;
  }

  add(clientId: string, line: LogLine): void {
    const { fromMs, toMs, slackMs } = this.#hours.range;
    const { atMs } = line;
    if (atMs < fromMs - slackMs || atMs >= toMs + slackMs) {
      this.outside++;
      return;
    }
    const index = this.#hours.indexOf(atMs);
    const inRange = atMs >= fromMs && atMs < toMs;
    const posts = this.#postsOf(line, inRange);
    const sum = this.#sum(clientId, index);
    if (inRange) this.#tell(line);
    sum.bytes += line.bytes ?? 0;
    addTo(sum, posts);
    if (atMs >= fromMs && atMs < this.#hours.fromMs(index) + slackMs) addTo(sum.early, posts);
    if (atMs < toMs && atMs >= this.#hours.toMs(index) - slackMs) addTo(sum.late, posts);
  }

  /**
   * Applies the counting rule: 2xx responses and messages of an upgraded connection (101) count; responses to HEAD do
   * not.
   */
  #postsOf({ status, posts, method }: LogLine, inRange: boolean): number {
    const mayHold =
      (status === null || status === 101 || (status >= 200 && status <= 299)) && method !== 'HEAD';
    if (!mayHold) {
      if (inRange && (posts ?? 0) > 0) this.passedOver++;
      return 0;
    }
    if (inRange && posts === null && status !== 204 && status !== 205) this.withoutPosts++;
    return status === 204 || status === 205 ? 0 : (posts ?? 0);
  }

  #tell({ atMs, bytes }: LogLine): void {
    this.lines++;
    if (bytes !== null) this.hasBytes = true;
    if (this.firstMs === null || atMs < this.firstMs) this.firstMs = atMs;
    if (this.lastMs === null || atMs > this.lastMs) this.lastMs = atMs;
  }

  #sum(clientId: string, index: number): LogSum {
    let hours = this.clients.get(clientId);
    if (hours === undefined) {
      hours = new Map();
      this.clients.set(clientId, hours);
    }
    let sum = hours.get(index);
    if (sum === undefined) {
      sum = { ...nothing(), bytes: 0, early: nothing(), late: nothing() };
      hours.set(index, sum);
    }
    return sum;
  }
}

function nothing(): Sum {
  return { posts: 0, requests: 0 };
}

function addTo(sum: Sum, posts: number): void {
  sum.posts += posts;
  sum.requests++;
}
