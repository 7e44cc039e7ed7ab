/** Route figures by hour, and their store. They show whether counting works; no invoice depends on them. */

import type { CallerDay } from '../../callers/port.ts';
import type { UncountedReason } from '../../count/uncounted.ts';
import type { ExposureHour } from '../askers/port.ts';

/**
 * `counted`: one or more posts. `empty`: a complete 2xx body was read and contained none. `none`: nothing to count
 * (HEAD, 304, an error without posts, a client that disconnected early). `checked` and `differs`: results of second
 * counts; these responses also appear under another outcome.
 */
export type CountingOutcome = 'counted' | 'empty' | 'none' | 'checked' | 'differs' | UncountedReason;

/** Name under which responses without a matching route are counted. */
export const NO_ROUTE = '';

export interface CountingSums {
  readonly responses: number;
  readonly posts: number;
  /** Body bytes handed to clients. */
  readonly bytes: number;
}

export interface RouteSums extends CountingSums {
  readonly route: string;
  readonly outcome: CountingOutcome;
}

/** Responses without a route whose paths have the same shape. */
export interface PathSums {
  /** Path without its query; ids are replaced by `{id}`. */
  readonly path: string;
  readonly responses: number;
  readonly bytes: number;
}

/** Additions of one process or isolate, identified by (source, sequence). A repetition changes nothing. */
export interface CountingBatch {
  /** Identifies one lifetime of a process or isolate; never reused. */
  readonly source: string;
  /** Counts up by one from 1. */
  readonly sequence: number;
  readonly hours: readonly CountingHour[];
  /** Traits of unknown callers. Absent in batches of isolates of an earlier version. */
  readonly callers?: readonly CallerDay[];
  /** Answers by kind of asker. Absent in batches of isolates of an earlier version. */
  readonly exposures?: readonly ExposureHour[];
}

export interface CountingHour {
  /** Start of the UTC hour, epoch milliseconds. */
  readonly hourMs: number;
  /** Time of the last addition, epoch milliseconds. */
  readonly lastMs: number;
  readonly routes: readonly RouteSums[];
  readonly paths: readonly PathSums[];
}

export interface StoredRoute extends RouteSums {
  /** Epoch milliseconds. */
  readonly lastMs: number;
}

/** The counts of all processes and isolates together in a range of hours. */
export interface CountingReport {
  /** Start of the first stored hour, epoch milliseconds; null if there is none. */
  readonly sinceMs: number | null;
  readonly routes: readonly StoredRoute[];
  /** The most frequent paths, in descending order of responses. */
  readonly paths: readonly PathSums[];
}

/** The counts of one hour. */
export interface StoredHour extends RouteSums {
  /** Start of the UTC hour, epoch milliseconds. */
  readonly hourMs: number;
}

export interface CountingLedger {
  /** Adds a batch. Repeating it changes nothing. */
  add(batch: CountingBatch): Promise<void>;
  /** Returns sums over the hours that start in [fromMs, toMs). */
  report(fromMs: number, toMs: number): Promise<CountingReport>;
  /** Returns the counts of one route in the hours that start in [fromMs, toMs), in order of time. */
  hours(route: string, fromMs: number, toMs: number): Promise<readonly StoredHour[]>;
}
