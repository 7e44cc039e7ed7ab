/** Worked by hand: the result of the same usage under each other reading of the clause. */

import { describe, expect, it } from 'vitest';
import { type ReadingInput, readingsOf } from '../../src/evidence/readings.ts';
import type { UsageRow } from '../../src/invoice/seal.ts';
import { DEFAULT_TARIFF, type Tariff } from '../../src/tariff/tariff.ts';

const MINUTE_MS = 60_000;
const at = (moment: string) => Date.parse(`2026-03-${moment}Z`);

/** More than 10 posts in any 24 hours cost one dollar a post, in blocks of ten. */
const CLAUSE = { ...DEFAULT_TARIFF, threshold: 10, block: 10, priceMinor: 1_000n };

function input(tariff: Tariff, rows: readonly UsageRow[], rest: Partial<ReadingInput> = {}): ReadingInput {
  const buckets = rows.map(([bucketMs]) => bucketMs);
  return {
    clientId: 'acme',
    currency: 'USD',
    monthMs: null,
    rows,
    asOf: {
      ...{ journals: {}, chains: '', lastMove: 0, tariffVersionIds: ['v1'], repeats: [], bucketSeconds: 60 },
      ...{ fromMs: Math.min(...buckets), toMs: Math.max(...buckets) + MINUTE_MS },
    },
    versions: [{ id: 'v1', clientId: null, version: 1, validFromMs: 0, tariff }],
    unique: null,
    ...rest,
  };
}

const come = (ask: ReadingInput) =>
  Object.fromEntries(readingsOf(ask).map(({ name, posts, amount }) => [name, `${posts} ${amount}`]));

describe('16 posts in 23 hours that touch two days, 8 on each', () => {
  const rows: UsageRow[] = [
    [at('01T12:00'), 'key', 8],
    [at('02T11:00'), 'key', 8],
  ];

  it('follows the clause as written', () => {
    expect(come(input(CLAUSE, rows))).toEqual({
      as_billed: '16 16.00',
      basis_excess: '6 6.00',
      rounding_completed: '16 10.00',
      rounding_started: '16 20.00',
      calendar_days: '0 0.00',
      rolling_hours: '16 16.00',
    });
  });

  it('the reading in use is the tariff, for every tariff, and is not repeated among the others', () => {
    const readings = readingsOf(input({ ...CLAUSE, basis: 'excess', rounding: 'started' }, rows));
    expect(readings.filter(({ isUsed }) => isUsed).map(({ name, amount }) => [name, amount])).toEqual([
      ['as_billed', '10.00'],
    ]);
    const names = readings.map(({ name }) => name);
    expect(names).not.toContain('basis_excess');
    expect(names).not.toContain('rounding_started');
    expect(names).toEqual(expect.arrayContaining(['basis_all', 'rounding_prorated', 'rounding_completed']));
  });

  it.each([
    ['fewer than the deliveries', { posts: 12, withoutId: 1, isExact: true }, '13 13.00', 'exactly known'],
    ['at most the deliveries', { posts: 15, withoutId: 9, isExact: false }, '16 16.00', '0.81 %'],
  ])('each post once a day: %s', (_what, unique, expected, said) => {
    const ask = input(CLAUSE, rows, { unique });
    expect(come(ask).unique_posts).toBe(expected);
    expect(readingsOf(ask).at(-1)!.sentence).toContain(said);
  });
});

it('windows of an hour that begin anywhere contain more than those on the full hour', () => {
  const rows: UsageRow[] = [
    [at('01T12:30'), 'key', 8],
    [at('01T13:20'), 'key', 8],
  ];
  const readings = come(input({ ...CLAUSE, windowSeconds: 3600 }, rows));
  expect(readings).toMatchObject({
    as_billed: '16 16.00',
    rolling_hours: '0 0.00',
    calendar_days: '16 16.00',
  });
  expect(come(input({ ...CLAUSE, windowSeconds: 1800 }, rows))).not.toHaveProperty('rolling_hours');
});

it('a calendar day includes all of its posts, also those before the breach', () => {
  const rows: UsageRow[] = [
    [at('01T00:10'), 'key', 3],
    [at('01T12:00'), 'key', 11],
  ];
  const whole = input({ ...CLAUSE, windowSeconds: 3600 }, rows);
  const ask = { ...whole, asOf: { ...whole.asOf, fromMs: at('01T12:00') } };
  expect(come(ask)).toMatchObject({ as_billed: '11 11.00', calendar_days: '14 14.00' });
});
