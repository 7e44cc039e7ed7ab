import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashesOf } from '../../../src/meter/unique/hashes.ts';
import { postIdDays } from '../../../src/meter/unique/post-ids.ts';
import type { Usage } from '../../../src/meter/usage.ts';
import { usageOf } from '../usages.ts';
import { idsOf } from './ids.ts';

const DAY_MS = 86_400_000;

const row = fc.record({
  clientId: fc.constantFrom('a', 'b'),
  identifierId: fc.constantFrom('x', 'y'),
  bucketMs: fc.constantFrom(0, 60_000, DAY_MS - 60_000, DAY_MS, -60_000),
  names: fc.option(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 8 }), { nil: undefined }),
});

describe('the ids of a batch', () => {
  it('are grouped by client, UTC day and bucket, with their repeats', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
        const usage = rows.map(
          ({ names, ...key }): Usage => usageOf({ ...key, ...(names ? { ids: idsOf(names) } : {}) }),
        );
        const found = postIdDays(usage).flatMap(({ clientId, dayMs, buckets }) =>
          buckets.map(({ bucketMs, identified, hashes }) => {
            expect(dayMs).toBe(Math.floor(bucketMs / DAY_MS) * DAY_MS);
            return [`${clientId} ${bucketMs}`, { identified, hashes }] as const;
          }),
        );
        const slow = new Map<string, number[]>();
        for (const { clientId, bucketMs, names } of rows) {
          if (names === undefined || names.length === 0) continue;
          const key = `${clientId} ${bucketMs}`;
          slow.set(key, [...(slow.get(key) ?? []), ...names]);
        }
        expect(new Map(found)).toEqual(
          new Map(
            [...slow].map(([key, names]) => [
              key,
              { identified: names.length, hashes: hashesOf([idsOf(new Set(names))]) },
            ]),
          ),
        );
        const order = postIdDays(usage).map(
          ({ clientId, dayMs }) => `${clientId} ${String(dayMs + DAY_MS).padStart(12, '0')}`,
        );
        expect(order).toEqual(order.toSorted());
      }),
    );
  });

  it('give a hash with the high half before the low one', () => {
    expect([...hashesOf([Uint32Array.of(1, 2, 0, 3), Uint32Array.of(0, 3)])]).toEqual([3n, (1n << 32n) + 2n]);
  });
});
