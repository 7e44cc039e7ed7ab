import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Edge, type HourCounts, matchHours } from '../../src/reconcile/match-hours.ts';

const exact = () => 0;
const STILL: Edge = { forward: 0, back: 0 };

/**
 * Tries every way of moving whole posts across every edge, and returns whether one makes all hours agree except the
 * excused ones.
 */
function canAgree(
  hours: readonly HourCounts[],
  edges: readonly Edge[],
  tolerances: readonly number[],
  isExcused: (at: number) => boolean,
): boolean {
  const tried = (at: number, moved: number): boolean => {
    if (at === hours.length) return true;
    const { ledger, log } = hours[at]!;
    for (let next = -edges[at + 1]!.back; next <= edges[at + 1]!.forward; next++) {
      const off = Math.abs(log + moved - next - ledger);
      if ((isExcused(at) || off <= tolerances[at]!) && tried(at + 1, next)) return true;
    }
    return false;
  };
  for (let moved = -edges[0]!.back; moved <= edges[0]!.forward; moved++) if (tried(0, moved)) return true;
  return false;
}

const few = fc.integer({ min: 0, max: 4 });
const cases = fc
  .array(fc.record({ ledger: few, log: few, spare: fc.constantFrom(0, 0, 0, 1) }), {
    minLength: 1,
    maxLength: 5,
  })
  .chain((hours) =>
    fc.record({
      hours: fc.constant(hours),
      edges: fc.array(
        fc.record({ forward: fc.integer({ min: 0, max: 2 }), back: fc.integer({ min: 0, max: 2 }) }),
        { minLength: hours.length + 1, maxLength: hours.length + 1 },
      ),
    }),
  );

describe('judging hours', () => {
  it('blames an hour exactly if no way of moving makes all agree, and what it blames is enough', () => {
    fc.assert(
      fc.property(cases, ({ hours, edges }) => {
        const spares = hours.map(({ spare }) => spare);
        const verdicts = matchHours(hours, edges, (hour) => (hour as (typeof hours)[number]).spare);
        expect(verdicts.includes('differs')).toBe(!canAgree(hours, edges, spares, () => false));
        expect(canAgree(hours, edges, spares, (at) => verdicts[at] === 'differs')).toBe(true);
        for (const [at, verdict] of verdicts.entries()) {
          const { ledger, log, spare } = hours[at]!;
          if (verdict === 'differs') expect(Math.abs(ledger - log)).toBeGreaterThan(spare);
          else expect(verdict).toBe(ledger === log ? 'equal' : 'edge');
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('finds nothing if lines are merely dated on the other side of an edge', () => {
    const offset = fc.integer({ min: -60, max: 60 });
    fc.assert(
      fc.property(
        fc.array(fc.record({ at: fc.integer({ min: 100, max: 899 }), posts: fc.nat(50), offset }), {
          maxLength: 80,
        }),
        (served) => {
          // Hours of 100 seconds. The log dates each response up to a minute before or after the ledger's time.
          const hours = Array.from({ length: 10 }, () => ({ ledger: 0, log: 0 }));
          const edges = Array.from({ length: 11 }, () => ({ forward: 0, back: 0 }));
          for (const { at, posts, offset } of served) {
            const logged = at + Math.floor((offset * 30) / 60);
            hours[Math.floor(at / 100)]!.ledger += posts;
            const hour = Math.floor(logged / 100);
            hours[hour]!.log += posts;
            if (logged % 100 < 30) edges[hour]!.back += posts;
            if (logged % 100 >= 70) edges[hour + 1]!.forward += posts;
          }
          expect(matchHours(hours, edges, exact)).not.toContain('differs');
        },
      ),
    );
  });

  it('reports the falsified hour, not the last one to which the difference could be moved', () => {
    const hours = Array.from({ length: 8 }, () => ({ ledger: 1_000, log: 1_000 }));
    const busy = { forward: 700, back: 700 };
    const edges = [STILL, busy, busy, busy, busy, busy, busy, busy, STILL];
    hours[3] = { ledger: 1_500, log: 1_000 };
    const verdicts = matchHours(hours, edges, exact);
    expect(verdicts).toEqual(hours.map((_, at) => (at === 3 ? 'differs' : 'equal')));
  });

  it('continues after an hour that it reports', () => {
    const hours = [
      { ledger: 5, log: 0 },
      { ledger: 7, log: 7 },
      { ledger: 0, log: 9 },
      { ledger: 3, log: 2 },
    ];
    expect(matchHours(hours, [STILL, STILL, STILL, { forward: 1, back: 0 }, STILL], exact)).toEqual([
      'differs',
      'equal',
      'differs',
      'edge',
    ]);
  });

  it('treats a difference within the tolerance as a shift across an edge', () => {
    const one = (ledger: number, log: number) => matchHours([{ ledger, log }], [STILL, STILL], () => 10);
    expect(one(100, 100)).toEqual(['equal']);
    expect(one(110, 100)).toEqual(['edge']);
    expect(one(100, 111)).toEqual(['differs']);
  });
});
