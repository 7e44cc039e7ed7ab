import fc from 'fast-check';
import { expect, it } from 'vitest';
import { amountOf } from '../../src/tariff/rating.ts';
import { DEFAULT_TARIFF } from '../../src/tariff/tariff.ts';
import { damages } from './arbitraries.ts';
import { slowAmount } from './oracle.ts';

it.each([
  [1_000_001, 'prorated', 1_500_002n],
  [1_000_001, 'completed', 1_500_000n],
  [1_000_001, 'started', 3_000_000n],
  [999_999, 'completed', 0n],
  [1, 'started', 1_500_000n],
  [0, 'started', 0n],
  [Number.MAX_SAFE_INTEGER, 'prorated', 13_510_798_882_111_487n],
] as const)('%i posts, %s', (posts, rounding, amount) => {
  expect(amountOf(posts, { ...DEFAULT_TARIFF, rounding })).toBe(amount);
});

it('rounds exactly half up', () => {
  const price = { ...DEFAULT_TARIFF, priceMinor: 1n, block: 2 };
  expect([1, 2, 3].map((posts) => amountOf(posts, price))).toEqual([1n, 1n, 2n]);
});

it('agrees with the oracle', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 300 }), damages, (posts, price) => {
      expect(amountOf(posts, price)).toBe(slowAmount(posts, price));
    }),
  );
});
