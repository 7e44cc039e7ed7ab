import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breachState, findBreaches, type RatedBreach } from '../../src/tariff/breach.ts';
import { cutToBuckets, type PostsAt } from '../../src/tariff/posts.ts';
import { type DamagesTariff, DEFAULT_TARIFF, type TariffVersion } from '../../src/tariff/tariff.ts';
import { timelineOf } from '../../src/tariff/timeline.ts';
import { draws } from '../support/draws.ts';
import { BUCKETS, damages, START_MS, usage, versions } from './arbitraries.ts';
import { BUCKET_MS, slowBreaches } from './oracle.ts';

const rowsOf = (posts: ReadonlyMap<number, number>) =>
  Array.from(posts, ([bucketMs, count]) => ({ bucketMs, posts: count }));
const always = (tariff: DamagesTariff): TariffVersion[] => [
  { id: 't', clientId: null, version: 1, validFromMs: 0, tariff },
];
const breachesOf = (rows: readonly PostsAt[], all: readonly TariffVersion[]): RatedBreach[] =>
  findBreaches(cutToBuckets(rows, 60), timelineOf('c', all, 60), 60);
/** The fields of a breach that the oracle computes. */
const essence = ({ lines, windowMs, ...breach }: RatedBreach) => ({
  ...breach,
  lines: lines.map(({ posts, amountMinor, tariffVersionId }) => ({ posts, amountMinor, tariffVersionId })),
});
const slow = (posts: ReadonlyMap<number, number>, all: readonly TariffVersion[]) =>
  slowBreaches(posts, all, START_MS - 10 * BUCKET_MS, START_MS + (BUCKETS + 10) * BUCKET_MS);

describe('findBreaches', () => {
  it('agrees with the oracle under one tariff', () => {
    fc.assert(
      fc.property(usage, damages, (posts, tariff) => {
        expect(breachesOf(rowsOf(posts), always(tariff)).map(essence)).toEqual(slow(posts, always(tariff)));
      }),
      { numRuns: draws(500) },
    );
  });

  it('agrees with the oracle under tariffs that change', () => {
    fc.assert(
      fc.property(usage, versions, (posts, all) => {
        expect(breachesOf(rowsOf(posts), all).map(essence)).toEqual(slow(posts, all));
      }),
      { numRuns: draws(1000) },
    );
  });

  it('does not depend on the order and batching of usage', () => {
    const split = usage.chain((posts) => {
      const rows = rowsOf(posts).flatMap(({ bucketMs, posts: count }) =>
        Array.from({ length: count }, (_, at) => ({ bucketMs: bucketMs + (at % 60) * 1000, posts: 1 })),
      );
      return fc.tuple(
        fc.constant(posts),
        fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length }),
      );
    });
    fc.assert(
      fc.property(split, versions, ([posts, single], all) => {
        expect(breachesOf(single, all)).toEqual(breachesOf(rowsOf(posts), all));
      }),
    );
  });

  it('bills each post once, and never bills more under excess than under all', () => {
    fc.assert(
      fc.property(usage, damages, (posts, terms) => {
        const tariff = { ...terms, onThreshold: 'bill' as const };
        const everyPost = breachesOf(rowsOf(posts), always({ ...tariff, basis: 'all' }));
        const excess = breachesOf(rowsOf(posts), always({ ...tariff, basis: 'excess' }));
        expect(everyPost.map((breach) => breach.billedPosts)).toEqual(
          everyPost.map((breach) => breach.posts),
        );
        expect(excess.map((breach) => breach.posts)).toEqual(everyPost.map((breach) => breach.posts));
        for (const breach of excess) {
          expect(breach.billedPosts).toBeGreaterThan(0);
          expect(breach.billedPosts).toBeLessThanOrEqual(breach.posts);
        }
      }),
    );
  });

  it('never includes a post without a tariff in a breach', () => {
    const later = [{ ...always(DEFAULT_TARIFF)[0]!, validFromMs: START_MS + BUCKET_MS }];
    const rows = [
      { bucketMs: START_MS, posts: 5_000_000 },
      { bucketMs: START_MS + BUCKET_MS, posts: 1_000_000 },
    ];
    expect(breachesOf(rows, later)).toEqual([]);
  });

  it('processes a year of full minutes in linear time', () => {
    const year = Array.from({ length: 525_600 }, (_, minute) => ({
      bucketMs: START_MS + minute * BUCKET_MS,
      posts: 700,
    }));
    const [breach, ...others] = breachesOf(year, always({ ...DEFAULT_TARIFF, basis: 'excess' }));
    expect(others).toEqual([]);
    expect(breach).toMatchObject({ posts: 367_920_000, billedPosts: 365 * 8_000, peakPosts: 1_008_000 });
  });
});

describe('a change of tariff', () => {
  const at = (minute: number, posts: number) => ({ bucketMs: START_MS + minute * BUCKET_MS, posts });
  const from = (minute: number, tariff: TariffVersion['tariff'], version: number): TariffVersion => ({
    id: `v${version}`,
    clientId: null,
    version,
    validFromMs: minute < 0 ? 0 : START_MS + minute * BUCKET_MS,
    tariff,
  });
  const base: DamagesTariff = {
    ...DEFAULT_TARIFF,
    threshold: 100,
    block: 1,
    priceMinor: 10n,
    windowSeconds: 300,
  };

  it('prices each post by the version of its minute, on one line for each version', () => {
    const all = [from(-1, base, 1), from(3, { ...base, priceMinor: 1n }, 2)];
    const [breach] = breachesOf([at(2, 80), at(3, 40)], all);
    expect(breach).toMatchObject({ billedPosts: 120, amountMinor: 840n });
    expect(breach?.lines.map(({ tariffVersionId, posts }) => [tariffVersionId, posts])).toEqual([
      ['v1', 80],
      ['v2', 40],
    ]);
  });

  it('judges a window over two versions by the higher threshold', () => {
    const all = [from(-1, base, 1), from(3, { ...base, threshold: 10 }, 2)];
    expect(breachesOf([at(3, 60)], all)[0]).toMatchObject({
      stretchFromMs: START_MS + 3 * BUCKET_MS,
      stretchToMs: START_MS + 8 * BUCKET_MS,
      peakAtMs: START_MS + 7 * BUCKET_MS,
    });
    expect(breachesOf([at(2, 60)], all)).toEqual([]);
  });

  it('never extends a window across a change of currency or an exempt minute', () => {
    const euro = [from(-1, base, 1), from(3, { ...base, currency: 'EUR' }, 2)];
    expect(breachesOf([at(2, 60), at(3, 60)], euro)).toEqual([]);
    const exempt = [from(-1, base, 1), from(3, { kind: 'exempt' }, 2), from(4, base, 3)];
    expect(breachesOf([at(2, 60), at(3, 900), at(4, 60)], exempt)).toEqual([]);
  });
});

describe('posts delivered under a tariff that refuses', () => {
  const at = (minute: number, posts: number) => ({ bucketMs: START_MS + minute * BUCKET_MS, posts });
  const bills: DamagesTariff = {
    ...DEFAULT_TARIFF,
    threshold: 100,
    block: 1,
    priceMinor: 1n,
    windowSeconds: 300,
  };
  const refuses: DamagesTariff = { ...bills, onThreshold: 'refuse' };
  /** `first` until minute 3, then `second` until minute `until`, then `first` again. */
  const between = (first: DamagesTariff, second: DamagesTariff, until = 1_000): TariffVersion[] => [
    { id: 'v1', clientId: null, version: 1, validFromMs: 0, tariff: first },
    { id: 'v2', clientId: null, version: 2, validFromMs: START_MS + 3 * BUCKET_MS, tariff: second },
    { id: 'v3', clientId: null, version: 3, validFromMs: START_MS + until * BUCKET_MS, tariff: first },
  ];

  it.each(['all', 'excess'] as const)(
    'are part of the breach, carry the reason and are not billed (%s)',
    (basis) => {
      const all = breachesOf([at(0, 99), at(1, 50)], always({ ...refuses, basis }));
      expect(all).toMatchObject([
        { posts: 149, billedPosts: 0, amountMinor: 0n, unbilledReason: 'within_refusing_tariff', lines: [] },
      ]);
    },
  );

  it.each(['all', 'excess'] as const)('do not cause posts before the change to be billed (%s)', (basis) => {
    const all = between({ ...bills, basis }, { ...refuses, basis });
    expect(breachesOf([at(2, 90), at(3, 40)], all)).toMatchObject([{ posts: 130, billedPosts: 0 }]);
  });

  it.each([
    ['all', 120],
    ['excess', 20],
  ] as const)('leave a breach before the change billable (%s)', (basis, billedPosts) => {
    const all = between({ ...bills, basis }, { ...refuses, basis });
    expect(breachesOf([at(2, 120), at(3, 7)], all)).toMatchObject([{ posts: 127, billedPosts }]);
  });

  it.each([
    ['all', 60],
    ['excess', 20],
  ] as const)('fill the window of a version that bills (%s)', (basis, billedPosts) => {
    const all = between({ ...refuses, basis }, { ...bills, basis });
    expect(breachesOf([at(2, 60), at(3, 60)], all)).toMatchObject([{ posts: 120, billedPosts }]);
  });

  it('do not fill the window beyond the threshold, because the client took no post under a version that bills', () => {
    const all = between(bills, refuses, 5);
    expect(breachesOf([at(2, 90), at(3, 40)], all)).toMatchObject([{ posts: 130, billedPosts: 0 }]);
    expect(breachesOf([at(2, 90), at(3, 40), at(5, 1)], all)).toMatchObject([
      { posts: 131, billedPosts: 91 },
    ]);
  });
});

describe('breachState', () => {
  const breach = { stretchToMs: 600_000, windowMs: 300_000 };
  it.each([
    [599_999, 'open'],
    [600_000, 'settling'],
    [939_999, 'settling'],
    [940_000, 'closed'],
  ] as const)('at %i it is %s', (nowMs, state) => {
    expect(breachState(breach, 40_000, 60, nowMs)).toBe(state);
  });
});
