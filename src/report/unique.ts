/** Unique posts as finance and operators see them: distinct post ids per UTC day, exact or with their error. */

import type { UniqueCount, UniqueDay } from '../meter/unique/count.ts';
import { STANDARD_ERROR } from '../meter/unique/sketch.ts';
import type { Cell } from './csv.ts';
import { isoTimestamp } from './timestamp.ts';

/** Sum of the days; null if the list is empty. */
export function sumOfDays(days: readonly UniqueCount[]): UniqueCount | null {
  if (days.length === 0) return null;
  return {
    posts: days.reduce((sum, day) => sum + day.posts, 0),
    isExact: days.every((day) => day.isExact),
    withoutId: days.reduce((sum, day) => sum + day.withoutId, 0),
  };
}

/** Adds the relative standard error. The error of a sum of days is at most that of one day. */
export function uniqueView({ posts, isExact, withoutId }: UniqueCount) {
  const standardError = isExact ? 0 : Math.round(STANDARD_ERROR * 10_000) / 10_000;
  return { posts, isExact, standardError, withoutId };
}

/** Columns of unique posts in a table, in order. */
export const UNIQUE_COLUMNS = ['uniquePosts', 'uniqueStandardError', 'postsWithoutId'] as const;

/** Cells for `UNIQUE_COLUMNS`, blank if nothing is known. */
export function uniqueCells(
  view: Pick<ReturnType<typeof uniqueView>, 'posts' | 'standardError' | 'withoutId'> | null,
): Cell[] {
  return view === null ? [null, null, null] : [view.posts, view.standardError, view.withoutId];
}

export function uniqueDayView({ dayMs, ...count }: UniqueDay) {
  return { day: isoTimestamp(dayMs).slice(0, 10), ...uniqueView(count) };
}
