import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countOf,
  type DayPosts,
  fromBytes,
  MAX_EXACT_POSTS,
  NO_POSTS,
  toBytes,
  withPosts,
} from '../../../src/meter/unique/day-posts.ts';
import { hashesOf } from '../../../src/meter/unique/hashes.ts';
import { STANDARD_ERROR } from '../../../src/meter/unique/sketch.ts';
import { draws } from '../../support/draws.ts';
import { idsOf } from './ids.ts';

const range = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at);
const add = (day: DayPosts, names: readonly (string | number)[]) => withPosts(day, hashesOf([idsOf(names)]));

describe('the different posts of a day', () => {
  it('are exactly those of a Set, for any portions and repeats', () => {
    const portions = fc.array(fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 20 }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(portions, (lists) => {
        const day = lists.reduce(add, NO_POSTS);
        expect(day.isExact).toBe(true);
        expect(countOf(day)).toBe(new Set(lists.flat()).size);
      }),
    );
  });

  it('are exact up to the bound, and an estimate beyond it', () => {
    const full = add(NO_POSTS, range(0, MAX_EXACT_POSTS));
    expect([full.isExact, countOf(full)]).toEqual([true, MAX_EXACT_POSTS]);
    expect(add(full, range(0, 10))).toBe(full);
    const over = add(full, [MAX_EXACT_POSTS]);
    expect(over.isExact).toBe(false);
    expect(Math.abs(countOf(over) / (MAX_EXACT_POSTS + 1) - 1)).toBeLessThan(4 * STANDARD_ERROR);
  });

  it('are the same for every order and batching, across the bound, and through the ledger', () => {
    const cuts = fc.array(fc.integer({ min: 0, max: 6000 }), { maxLength: 8 });
    fc.assert(
      fc.property(cuts, fc.boolean(), fc.integer({ min: 4000, max: 6000 }), (at, backwards, count) => {
        const all = range(0, count);
        const edges = [0, ...at.filter((cut) => cut < count).sort((a, b) => a - b), count];
        const parts = edges.slice(1).map((end, index) => all.slice(edges[index], end));
        if (backwards) parts.reverse();
        const stored = parts.reduce((day: DayPosts, part) => {
          const next = add(add(day, part), part.slice(0, 50));
          return fromBytes(toBytes(next), next.isExact);
        }, NO_POSTS);
        expect(stored).toEqual(add(NO_POSTS, all));
      }),
      { numRuns: draws(12) },
    );
  });

  it('report that nothing is new, also for a sketch', () => {
    const sketched = add(NO_POSTS, range(0, 20_000));
    expect(add(sketched, range(5_000, 100))).toBe(sketched);
    expect(add(sketched, range(0, 40_000))).not.toBe(sketched);
  });
});
