/** Random usage and tariffs, small enough for the oracle and dense enough to meet every edge. */

import fc from 'fast-check';
import type { DamagesTariff, LicenceTariff, Tariff, TariffVersion } from '../../src/tariff/tariff.ts';
import { BUCKET_MS } from './oracle.ts';

/** A month ends in the middle of the range. */
export const START_MS = Date.UTC(2026, 1, 28, 23, 40);
export const BUCKETS = 40;

const charge = {
  count: fc.constantFrom('deliveries' as const, 'deliveries' as const, 'unique' as const),
  priceMinor: fc.constantFrom(0n, 1n, 7n, 1500n),
  block: fc.constantFrom(1, 3, 10),
  rounding: fc.constantFrom('prorated' as const, 'completed' as const, 'started' as const),
  currency: fc.constantFrom('USD', 'USD', 'USD', 'EUR'),
};
export const damages: fc.Arbitrary<DamagesTariff> = fc
  .record({
    kind: fc.constant('damages' as const),
    threshold: fc.integer({ min: 1, max: 25 }),
    ...charge,
    basis: fc.constantFrom('all' as const, 'excess' as const),
    windowSeconds: fc.constantFrom(300, 300, 300, 180),
    onThreshold: fc.constantFrom('bill' as const, 'bill' as const, 'refuse' as const),
    whenUnknown: fc.constant('failOpen' as const),
  })
  .map((tariff) => (tariff.count === 'unique' ? { ...tariff, onThreshold: 'bill' as const } : tariff));
export const licence: fc.Arbitrary<LicenceTariff> = fc.record({
  kind: fc.constant('licence' as const),
  included: fc.integer({ min: 0, max: 40 }),
  ...charge,
});
export const terms: fc.Arbitrary<Tariff | null> = fc.oneof(
  { weight: 8, arbitrary: damages },
  { weight: 2, arbitrary: licence },
  { weight: 1, arbitrary: fc.constant({ kind: 'exempt' as const }) },
  { weight: 1, arbitrary: fc.constant(null) },
);

/** Posts by bucket, some buckets empty. */
export const usage = fc
  .array(fc.tuple(fc.integer({ min: 0, max: BUCKETS - 1 }), fc.integer({ min: 1, max: 12 })), {
    maxLength: 25,
  })
  .map((rows) => new Map(rows.map(([bucket, posts]) => [START_MS + bucket * BUCKET_MS, posts])));

const change = fc.record({
  own: fc.boolean(),
  bucket: fc.integer({ min: -8, max: BUCKETS - 1 }),
  terms,
});
/** A default tariff from the start, and changes of it and of the client's own tariff. */
export const versions: fc.Arbitrary<TariffVersion[]> = fc
  .tuple(damages, fc.array(change, { maxLength: 5 }))
  .map(([first, changes]) => [
    { id: 'first', clientId: null, version: 1, validFromMs: 0, tariff: first },
    ...changes.map((one, index) => ({
      id: `v${index}`,
      clientId: one.own ? 'c' : null,
      version: index + 2,
      validFromMs: START_MS + one.bucket * BUCKET_MS,
      tariff: one.own ? one.terms : (one.terms ?? first),
    })),
  ]);
