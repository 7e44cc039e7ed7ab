import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LEVELS, judgeLevels, levelEvents } from '../../src/notify/levels.ts';
import { DEFAULT_TARIFF } from '../../src/tariff/tariff.ts';

const THRESHOLD = 1_000;

/** Follows totals and returns what was told: the level that was risen over, or minus the level that was left. */
function told(totals: readonly number[], levels: readonly number[] = DEFAULT_LEVELS): number[] {
  let reached: number[] = [];
  return totals.flatMap((total) => {
    const { risen, left } = judgeLevels(levels, reached, total, THRESHOLD);
    reached = [...reached.filter((level) => !left.includes(level)), ...risen];
    return [...left.map((level) => -level), ...risen];
  });
}

/** Each level by itself, as the rule is written: over it tells, ten points below it arms it again. */
function oracle(totals: readonly number[], level: number): number[] {
  const out: number[] = [];
  let isArmed = true;
  for (const total of totals) {
    const percent = (total / THRESHOLD) * 100;
    if (isArmed && percent > level) {
      out.push(level);
      isArmed = false;
    } else if (!isArmed && percent <= Math.max(level - 10, level / 2)) {
      out.push(-level);
      isArmed = true;
    }
  }
  return out;
}

describe('levels', () => {
  it.each([
    ['a total at the level exactly is not over it', [800], []],
    ['the first post over the level tells', [801], [80]],
    [
      'a total that trembles round 80 % for an hour tells once',
      Array.from({ length: 60 }, (_, at) => 799 + (at % 3)),
      [80],
    ],
    ['over, back, over tells three times', [801, 700, 801], [80, -80, 80]],
    ['eleven points up and nine down tells once', [801, 710, 801], [80]],
    ['a jump over all levels tells each in order', [2_000], [80, 95, 100]],
    ['a crossing needs more than the threshold', [1_000, 1_001], [80, 95, 100]],
    ['a fall to nothing leaves every level', [1_001, 0], [80, 95, 100, -80, -95, -100]],
  ])('%s', (_name, totals, expected) => {
    expect(told(totals)).toEqual(expected);
  });

  it('tells each level as a machine for this level alone would', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.integer({ min: 0, max: 2_500 }), { maxLength: 50 }),
        (levels, totals) => {
          const all = told(totals, levels);
          for (const level of levels) {
            expect(all.filter((one) => Math.abs(one) === level)).toEqual(oracle(totals, level));
          }
        },
      ),
    );
  });

  it('forgets levels that were removed, and all of a client without a threshold, without telling', () => {
    expect(judgeLevels([80], [50, 80], 900, THRESHOLD)).toEqual({ risen: [], left: [], forgotten: [50] });
    expect(judgeLevels([80], [80], 900, null)).toEqual({ risen: [], left: [], forgotten: [80] });
  });

  it('writes one event for each level that was risen over and one for all that were left', () => {
    const facts = {
      clientId: 'acme',
      name: 'ACME',
      total: 1_234_567,
      postsLastHour: 5,
      overAtMs: 3_600_000,
      tariff: DEFAULT_TARIFF,
      atMs: 0,
    };
    const events = levelEvents({ risen: [100, 150], left: [80, 95] }, facts);
    expect(events.map(({ type }) => type)).toEqual([
      'client.fell_back',
      'client.crossed',
      'client.threshold_150',
    ]);
    expect(events[0]).toMatchObject({ subject: 'clients/acme', clientId: 'acme', data: { level: 80 } });
    expect(events[1]!.data).toMatchObject({ level: 100, percent: 123.4, price: '15000.00', currency: 'USD' });
    expect(events[1]!.data).toMatchObject({ postsLastHour: 5, overAt: '1970-01-01T01:00:00Z' });
  });
});
