/** Figures of routes by hour, and what stores them. They show whether counting works; no invoice depends on them. */

import type { UncountedReason } from '../../count/uncounted.ts';

/**
 * `counted`: one or more posts. `empty`: a whole 2xx body was read and held none. `none`: nothing to count (HEAD, 304,
 * an error without posts, a client that left early). `checked`, `differs`: results of second counts; these responses
 * are in another outcome too.
 */
export type CountingOutcome = 'counted' | 'empty' | 'none' | 'checked' | 'differs' | UncountedReason;

/** The name under which responses are counted that no route matches. */
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

/** Responses without a route whose paths have one shape. */
export interface PathSums {
  /** Path without its query; ids are replaced by `{id}`. */
  readonly path: string;
  readonly responses: number;
  readonly bytes: number;
}

/** Additions of one process or isolate. Its identity is (source, sequence): a repetition changes nothing. */
export interface CountingBatch {
  /** Of one life of a process or isolate; never reused. */
  readonly source: string;
  /** Counts up by one from 1. */
  readonly sequence: number;
  readonly hours: readonly CountingHour[];
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

/** What all processes and isolates together have counted in a range of hours. */
export interface CountingReport {
  /** Start of the first hour that is stored at all, epoch milliseconds; null if there is none. */
  readonly sinceMs: number | null;
  readonly routes: readonly StoredRoute[];
  /** The most frequent ones, in descending order of responses. */
  readonly paths: readonly PathSums[];
}

export interface CountingLedger {
  /** Adds a batch once, however often it is offered. */
  add(batch: CountingBatch): Promise<void>;
  /** Sums over the hours that start in [fromMs, toMs). */
  report(fromMs: number, toMs: number): Promise<CountingReport>;
}
