/** Unique posts as finance and operators see them: different post ids per UTC day, exact or with their error. */

import { STANDARD_ERROR } from '../meter/unique/sketch.ts';
import type { Cell } from './csv.ts';
import { isoMoment } from './moment.ts';

/** What a client was served in one UTC day, or over several: each post once a day. */
export interface UniqueCount {
  /** Different ids. */
  readonly posts: number;
  /** False: an estimate. */
  readonly isExact: boolean;
  /** Deliveries whose id is not known; they are in no other figure here. */
  readonly withoutId: number;
}

export interface UniqueDay extends UniqueCount {
  /** First moment of the UTC day, epoch milliseconds. */
  readonly dayMs: number;
}

/** The days added up; null where there are none. */
export function sumOfDays(days: readonly UniqueCount[]): UniqueCount | null {
  if (days.length === 0) return null;
  return {
    posts: days.reduce((sum, day) => sum + day.posts, 0),
    isExact: days.every((day) => day.isExact),
    withoutId: days.reduce((sum, day) => sum + day.withoutId, 0),
  };
}

/** The error is relative; that of a sum of days is at most that of one. */
export function uniqueView({ posts, isExact, withoutId }: UniqueCount) {
  const standardError = isExact ? 0 : Math.round(STANDARD_ERROR * 10_000) / 10_000;
  return { posts, isExact, standardError, withoutId };
}

/** The columns of unique posts in a table, in their order. */
export const UNIQUE_COLUMNS = ['uniquePosts', 'uniqueStandardError', 'postsWithoutId'] as const;

/** What stands under `UNIQUE_COLUMNS`; blank where nothing is known. */
export function uniqueCells(
  view: Pick<ReturnType<typeof uniqueView>, 'posts' | 'standardError' | 'withoutId'> | null,
): Cell[] {
  return view === null ? [null, null, null] : [view.posts, view.standardError, view.withoutId];
}

export function uniqueDayView({ dayMs, ...count }: UniqueDay) {
  return { day: isoMoment(dayMs).slice(0, 10), ...uniqueView(count) };
}
