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
      'of different beginnings stay as they are',
      [gapOf(1, 5, 2, 3), gapOf(2, 4, 1, 1)],
      [
        [1, 5, 2, 3],
        [2, 4, 1, 1],
      ],
    ],
    [
      'come in the order of their beginnings',
      [gapOf(7, 8, 1, 0), gapOf(2, 4, 1, 1)],
      [
        [2, 4, 1, 1],
        [7, 8, 1, 0],
      ],
    ],
    ['of the same beginning are one', [gapOf(1, 5, 2, 3), gapOf(1, 4, 10, 20)], [[1, 5, 12, 23]]],
    ['of the same millisecond are one', [gapOf(1.25, 2, 1, 0), gapOf(1.75, 9.5, 1, 0)], [[1, 9, 2, 0]]],
    [
      'add up to what a ledger can hold',
      [gapOf(1, 1, most, most), gapOf(1, 1, 1, most)],
      [[1, 1, most, most]],
    ],
    ['end no later than a ledger can write', [gapOf(0, 8.64e15, 1, 1)], [[0, latestMs, 1, 1]]],
    ['of no possible time are moved to the nearest', [gapOf(-5, -9, -1, -1)], [[0, 0, 0, 0]]],
  ])('%s', (_what, gaps, expected) => {
    expect(mergeGaps(gaps)).toEqual(expected.map(([a, b, c, d]) => gapOf(a!, b!, c!, d!)));
  });

  it('lose no response and no post, whatever they are', () => {
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
