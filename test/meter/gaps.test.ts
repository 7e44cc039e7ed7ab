import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalGap } from '../../src/meter/gaps.ts';
import { mergeGaps } from '../../src/meter/gaps.ts';

const gapOf = (fromMs: number, toMs: number, responses: number, posts: number): JournalGap => ({
  ...{ fromMs, toMs },
  ...{ responses, posts },
});
const most = Number.MAX_SAFE_INTEGER;
const latestMs = Date.parse('9999-12-31T23:59:59.999Z');

describe('the gaps of a batch', () => {
  it.each([
    [
      'with different starts are unchanged',
      [gapOf(1, 5, 2, 3), gapOf(2, 4, 1, 1)],
      [
        [1, 5, 2, 3],
        [2, 4, 1, 1],
      ],
    ],
    [
      'are sorted by start',
      [gapOf(7, 8, 1, 0), gapOf(2, 4, 1, 1)],
      [
        [2, 4, 1, 1],
        [7, 8, 1, 0],
      ],
    ],
    ['with the same start are merged', [gapOf(1, 5, 2, 3), gapOf(1, 4, 10, 20)], [[1, 5, 12, 23]]],
    ['in the same millisecond are merged', [gapOf(1.25, 2, 1, 0), gapOf(1.75, 9.5, 1, 0)], [[1, 9, 2, 0]]],
    [
      'are summed up to the largest number that a ledger can hold',
      [gapOf(1, 1, most, most), gapOf(1, 1, 1, most)],
      [[1, 1, most, most]],
    ],
    [
      'end no later than the latest time that a ledger can write',
      [gapOf(0, 8.64e15, 1, 1)],
      [[0, latestMs, 1, 1]],
    ],
    ['with impossible times are moved to the nearest possible time', [gapOf(-5, -9, -1, -1)], [[0, 0, 0, 0]]],
  ])('%s', (_what, gaps, expected) => {
    expect(mergeGaps(gaps)).toEqual(expected.map(([a, b, c, d]) => gapOf(a!, b!, c!, d!)));
  });

  it('never lose a response or a post', () => {
    const gap = fc.record({
      fromMs: fc.nat(5),
      toMs: fc.integer({ min: 5, max: 20 }),
      responses: fc.nat(9),
      posts: fc.nat(9),
    });
    const sum = (gaps: readonly JournalGap[], field: 'responses' | 'posts') =>
      gaps.reduce((total, one) => total + one[field], 0);
    fc.assert(
      fc.property(fc.array(gap), (gaps) => {
        const merged = mergeGaps(gaps);
        expect(merged.map(({ fromMs }) => fromMs)).toEqual(
          [...new Set(gaps.map(({ fromMs }) => fromMs))].sort((a, b) => a - b),
        );
        for (const field of ['responses', 'posts'] as const)
          expect(sum(merged, field)).toBe(sum(gaps, field));
        for (const { fromMs, toMs } of merged) {
          const ends = gaps.filter((one) => one.fromMs === fromMs).map((one) => one.toMs);
          expect(toMs).toBe(Math.max(...ends));
        }
        expect(mergeGaps(merged)).toEqual(merged);
      }),
    );
  });
});
