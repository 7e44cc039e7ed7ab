import { describe, expect, it } from 'vitest';
import { sumOfDays, uniqueCells, uniqueDayView, uniqueView } from '../../src/report/unique.ts';

const exact = { posts: 3, isExact: true, withoutId: 1 };
const estimated = { posts: 5_000, isExact: false, withoutId: 0 };

describe('unique posts', () => {
  it('of several days are added up, and exact only if all are', () => {
    expect(sumOfDays([])).toBeNull();
    expect(sumOfDays([exact, exact])).toEqual({ posts: 6, isExact: true, withoutId: 2 });
    expect(sumOfDays([exact, estimated])).toEqual({ posts: 5_003, isExact: false, withoutId: 1 });
  });

  it('state their error, and none for an exact count', () => {
    expect(uniqueView(estimated)).toEqual({ ...estimated, standardError: 0.0081 });
    expect(uniqueDayView({ ...exact, dayMs: Date.UTC(2026, 2, 1) })).toEqual({
      day: '2026-03-01',
      ...exact,
      standardError: 0,
    });
  });

  it('are blank in a table if nothing is known', () => {
    expect(uniqueCells(uniqueView(exact))).toEqual([3, 0, 1]);
    expect(uniqueCells(null)).toEqual([null, null, null]);
  });
});
