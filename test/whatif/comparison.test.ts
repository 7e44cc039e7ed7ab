import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutToBuckets } from '../../src/tariff/posts.ts';
import { DEFAULT_TARIFF, type Tariff, type TariffVersion } from '../../src/tariff/tariff.ts';
import { type Comparison, type ComparisonInput, compareClient } from '../../src/whatif/comparison.ts';
import { addComparison, addUnconcerned, noFigures } from '../../src/whatif/figures.ts';
import { curveLimits, withLimit } from '../../src/whatif/limit.ts';
import { draws } from '../support/draws.ts';
import { BUCKETS, damages, licence, START_MS, usage, versions } from '../tariff/arbitraries.ts';
import { BUCKET_MS, type OracleLine, slowBreaches, slowMonths } from '../tariff/oracle.ts';

type Usage = ReadonlyMap<number, number>;

const FROM_MS = START_MS - 10 * BUCKET_MS;
const TO_MS = START_MS + (BUCKETS + 10) * BUCKET_MS;
const charged = fc.oneof({ weight: 3, arbitrary: damages }, { weight: 1, arbitrary: licence });
const always = (tariff: Tariff): TariffVersion[] => [
  { id: 't', clientId: null, version: 1, validFromMs: 0, tariff },
];

function compared(
  posts: Usage,
  more: Omit<ComparisonInput, 'clientId' | 'served' | 'bucketSeconds'>,
): Comparison {
  const rows = Array.from(posts, ([bucketMs, count]) => ({ bucketMs, posts: count }));
  const steps = compareClient({
    ...{ clientId: 'c', served: cutToBuckets(rows, 60), bucketSeconds: 60 },
    ...more,
  });
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

function slowCharged(posts: Usage, all: readonly TariffVersion[]) {
  const breaches = slowBreaches(posts, all, FROM_MS, TO_MS);
  const months = [...slowMonths(posts, all, FROM_MS, TO_MS).values()].filter(
    ({ billedPosts }) => billedPosts > 0,
  );
  const lines: readonly OracleLine[] = [...breaches, ...months].flatMap((one) => one.lines);
  const amounts: Record<string, bigint> = {};
  for (const { amountMinor, tariffVersionId } of lines) {
    const tariff = all.find(({ id }) => id === tariffVersionId)?.tariff as typeof DEFAULT_TARIFF;
    amounts[tariff.currency] = (amounts[tariff.currency] ?? 0n) + amountMinor;
  }
  return {
    clients: breaches.length + months.length > 0 ? 1 : 0,
    breaches: breaches.length,
    months: months.length,
    billedPosts: lines.reduce((sum, line) => sum + line.posts, 0),
    amounts,
  };
}

function slowAmountOf(posts: Usage, tariff: Tariff): bigint {
  return Object.values(slowCharged(posts, always(tariff)).amounts).reduce((sum, one) => sum + one, 0n);
}

describe('the comparison of one client', () => {
  it('agrees with the oracle of the billing rule on both sides', () => {
    fc.assert(
      fc.property(usage, versions, charged, (posts, all, terms) => {
        const { client } = compared(posts, { versions: all, terms, limits: [] });
        expect(client.now).toEqual(slowCharged(posts, all));
        expect(client.tried).toEqual(slowCharged(posts, always(terms)));
      }),
      { numRuns: draws(80) },
    );
  });

  it('gives every reading the amount that the rule gives those terms', () => {
    fc.assert(
      fc.property(usage, charged, (posts, terms) => {
        const { readings, client } = compared(posts, { versions: [], terms, limits: [] });
        expect(readings).toHaveLength(terms.kind === 'damages' ? 6 : 3);
        for (const { basis, rounding, amountMinor } of readings) {
          const variant = terms.kind === 'damages' ? { ...terms, basis: basis! } : terms;
          expect(amountMinor).toBe(slowAmountOf(posts, { ...variant, rounding }));
        }
        const asked = readings.filter(({ isAsked }) => isAsked);
        expect(asked.map(({ amountMinor }) => amountMinor)).toEqual([
          client.tried.amounts[terms.currency] ?? 0n,
        ]);
      }),
      { numRuns: draws(30) },
    );
  });

  it('draws the curve that the rule draws, threshold by threshold', () => {
    fc.assert(
      fc.property(usage, charged, (posts, terms) => {
        const limits = curveLimits(terms);
        const { curve, client } = compared(posts, { versions: [], terms, limits });
        expect(curve.map(({ limit }) => limit)).toEqual(limits);
        for (const point of curve) {
          const tried = slowCharged(posts, always(withLimit(terms, point.limit)));
          expect(point.clients).toBe(tried.clients);
          expect(point.clients).toBe(client.peakPosts > point.limit ? 1 : 0);
          expect(point.amountMinor).toBe(tried.amounts[terms.currency] ?? 0n);
        }
      }),
      { numRuns: draws(10) },
    );
  });
});

describe('the limits of the curve', () => {
  it.each([
    [1_000_000, 24, 500_000, 3_670_000],
    [3, 10, 2, 11],
    [Number.MAX_SAFE_INTEGER, 9, 4.5e15, Number.MAX_SAFE_INTEGER],
  ])('of %d are %d, from %d to %d, with the own limit among them', (threshold, length, first, last) => {
    const limits = curveLimits({ ...DEFAULT_TARIFF, threshold });
    expect(limits).toHaveLength(length);
    expect([limits[0], limits.at(-1)]).toEqual([first, last]);
    expect(limits).toContain(threshold);
    expect(limits).toEqual(limits.toSorted((a, b) => a - b));
  });

  it('are none without a limit', () => {
    expect(curveLimits({ kind: 'exempt' })).toEqual([]);
  });
});

describe('the figures', () => {
  it('add up over clients, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(usage, { maxLength: 4 }), charged, (clients, terms) => {
        const all = clients.map((posts) =>
          compared(posts, { versions: always(DEFAULT_TARIFF), terms, limits: curveLimits(terms) }),
        );
        const forwards = all.reduce(addComparison, noFigures(terms));
        expect(all.toReversed().reduce(addComparison, noFigures(terms))).toEqual(forwards);
        expect(forwards.clients).toBe(clients.length);
        expect(forwards.tried.amounts[terms.currency] ?? 0n).toBe(
          clients.reduce((sum, posts) => sum + slowAmountOf(posts, terms), 0n),
        );
      }),
      { numRuns: draws(10) },
    );
  });

  it('have every reading and every point without a client', () => {
    const none = noFigures(DEFAULT_TARIFF);
    expect(none.readings).toHaveLength(6);
    expect(none.curve).toHaveLength(24);
    expect(addUnconcerned(none)).toMatchObject({ clients: 1, unconcerned: 1, tried: { clients: 0 } });
    expect(noFigures({ kind: 'exempt' })).toMatchObject({ readings: [], curve: [] });
  });
});
