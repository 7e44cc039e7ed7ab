import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays } from '../../src/receivable/date.ts';
import {
  DUNNING_LEVELS,
  type DunningCase,
  isRemindedByItself,
  nextDunning,
} from '../../src/receivable/dunning.ts';
import { draws } from '../support/draws.ts';

const DUE = '2026-03-31';
function overdue(
  over: Partial<DunningCase['receivable']> = {},
  rest: Partial<Omit<DunningCase, 'receivable'>> = {},
): DunningCase {
  const receivable = { balanceMinor: 100n, dueOn: DUE, disputeId: null, dunningLevel: 0, ...over };
  return { receivable, lastOn: null, isHeld: false, hasProposal: false, ...rest };
}
const next = (one: DunningCase, today: string) => nextDunning(one, DUNNING_LEVELS, today);

describe('the next level of dunning', () => {
  test.each([
    ['paid', overdue({ balanceMinor: 0n })],
    ['disputed', overdue({ disputeId: 'd' })],
    ['held', overdue({}, { isHeld: true })],
    ['proposal', overdue({}, { hasProposal: true })],
    ['no_level', overdue({ dunningLevel: 3 })],
  ] as const)('is held back: %s', (obstacle, one) => {
    expect(next(one, '2026-12-31')).toBe(obstacle);
  });

  test('is due 3, 14 and 28 days after the due date, never on it', () => {
    expect(next(overdue(), DUE)).toBe('not_due');
    expect(next(overdue(), '2026-04-01')).toEqual({ level: 1, on: '2026-04-03', isAutomatic: true });
    expect(next(overdue({ dunningLevel: 1 }, { lastOn: '2026-04-03' }), '2026-04-10')).toMatchObject({
      ...{ level: 2, on: '2026-04-14' },
    });
    expect(next(overdue({ dunningLevel: 2 }, { lastOn: '2026-04-14' }), '2026-04-20')).toMatchObject({
      ...{ level: 3, on: '2026-04-28' },
    });
  });

  test('leaves the client the time between two levels, however late the first letter was', () => {
    const late = overdue({ dunningLevel: 1 }, { lastOn: '2026-06-01' });
    expect(next(late, '2026-06-05')).toMatchObject({ level: 2, on: '2026-06-12' });
  });

  test('waits for a person at a level that is not automatic', () => {
    const levels = DUNNING_LEVELS.map((level) => ({ ...level, isAutomatic: level.level !== 2 }));
    const atTwo = nextDunning(overdue({ dunningLevel: 1 }, { lastOn: '2026-04-03' }), levels, '2027-01-01');
    expect(isRemindedByItself(atTwo, '2027-01-01')).toBe(false);
    const atOne = nextDunning(overdue(), levels, '2026-04-03');
    expect(isRemindedByItself(atOne, '2026-04-02')).toBe(false);
    expect(isRemindedByItself(atOne, '2026-04-03')).toBe(true);
  });
});

test('a job that looks on any days reminds at each level once, in order, and not before it is due', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(gaps, (days) => {
      let today = DUE;
      let one = overdue();
      const sent: Array<{ level: number; on: string }> = [];
      for (const gap of days) {
        today = addDays(today, gap);
        const planned = next(one, today);
        if (typeof planned === 'string' || !isRemindedByItself(planned, today)) continue;
        sent.push({ level: planned.level, on: today });
        one = overdue({ dunningLevel: planned.level }, { lastOn: today });
      }
      expect(sent.map(({ level }) => level)).toEqual([1, 2, 3].slice(0, sent.length));
      for (const { level, on } of sent) {
        expect(on >= addDays(DUE, DUNNING_LEVELS[level - 1]!.daysAfterDue)).toBe(true);
      }
    }),
    { numRuns: draws(300) },
  );
});
