import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchOf, windowAdds } from '../../src/meter/batch.ts';
import type { Usage } from '../../src/meter/usage.ts';
import { addUp, plus } from '../../src/meter/usage-sums.ts';
import { usageOf } from './usages.ts';

const someUsage = fc.record({
  clientId: fc.constantFrom('a', 'b'),
  identifierId: fc.constantFrom('x', 'y'),
  bucketMs: fc.constantFrom(0, 60_000),
  posts: fc.nat(100),
  requests: fc.nat(3),
  refused: fc.nat(3),
  bytes: fc.nat(1000),
  uncounted: fc.nat(3),
});

describe('adding up', () => {
  it('keeps every sum, with one usage entry per identifier and bucket', () => {
    fc.assert(
      fc.property(fc.array(someUsage), (usages) => {
        const sums = addUp(usages);
        const names = sums.map((sum) => `${sum.clientId} ${sum.identifierId} ${sum.bucketMs}`);
        expect(new Set(names).size).toBe(names.length);
        for (const sum of sums) {
          const same = usages.filter(
            (one) =>
              one.clientId === sum.clientId &&
              one.identifierId === sum.identifierId &&
              one.bucketMs === sum.bucketMs,
          );
          for (const field of ['posts', 'requests', 'refused', 'bytes', 'uncounted'] as const) {
            expect(sum[field]).toBe(same.reduce((total, one) => total + one[field], 0));
          }
        }
      }),
    );
  });

  it('keeps the ids of all posts, including repeats, in any order of joining', () => {
    const ids = fc.option(fc.array(fc.nat(9), { maxLength: 4 }), { nil: undefined });
    const withIds = fc
      .tuple(someUsage, ids)
      .map(
        ([usage, words]): Usage =>
          words ? { ...usage, ids: Uint32Array.from([...words, ...words]) } : usage,
      );
    fc.assert(
      fc.property(fc.array(withIds, { maxLength: 12 }), (usages) => {
        const joinedAtOnce = addUp(usages);
        let oneByOne: Usage[] = [];
        for (const usage of usages) oneByOne = addUp([...oneByOne, usage]);
        expect(oneByOne).toEqual(joinedAtOnce);
        const words = (all: readonly Usage[]) => all.flatMap((usage) => [...(usage.ids ?? [])]).sort();
        expect(words(joinedAtOnce)).toEqual(words(usages));
      }),
    );
    expect(Object.keys(plus(usageOf(), usageOf()))).not.toContain('ids');
  });

  it('names a batch by the records that it contains', () => {
    const records = [3, 4, 5].map((sequence) => ({ sequence, usage: [usageOf()] }));
    expect(batchOf('journal', records)).toEqual({
      journalId: 'journal',
      firstSequence: 3,
      lastSequence: 5,
      usage: [usageOf({ posts: 3, requests: 3, bytes: 30 })],
    });
  });

  it('leaves usage without posts out of the window', () => {
    const records = [
      { sequence: 1, usage: [usageOf({ posts: 0 }), usageOf({ clientId: 'b', posts: 2 })] },
      { sequence: 2, usage: [usageOf({ clientId: 'b', identifierId: 'other', posts: 3 })] },
      { sequence: 3, usage: [usageOf({ clientId: 'b', bucketMs: 60_000, posts: 4 })] },
    ];
    expect(windowAdds(records, () => 600_000)).toEqual([
      {
        clientId: 'b',
        windowMs: 600_000,
        posts: [
          { bucketMs: 0, posts: 5 },
          { bucketMs: 60_000, posts: 4 },
        ],
      },
    ]);
  });
});
