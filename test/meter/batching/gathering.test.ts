import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClientStanding, GATHER_MS, gatherMs } from '../../../src/meter/batching/gathering.ts';

const far: ClientStanding = { posts: 1_000, limit: 1_000_000, unshipped: 20, isKnown: true };

describe('usage of a client', () => {
  it.each<[string, Partial<ClientStanding>, number]>([
    ['gathers far from its limit', {}, GATHER_MS],
    ['gathers if no tariff refuses it, at any total', { limit: Infinity, posts: 10_000_000 }, GATHER_MS],
    ['gathers without a limit before the store has answered', { limit: Infinity, isKnown: false }, GATHER_MS],
    ['ships at once while its total is unknown', { isKnown: false }, 0],
    ['gathers below 90 % of its limit', { posts: 899_999 }, GATHER_MS],
    ['ships at once from 90 % of its limit on', { posts: 900_000 }, 0],
    ['ships at once beyond its limit', { posts: 1_000_001 }, 0],
    ['gathers below the number of posts that it could take meanwhile', { unshipped: 62_437 }, GATHER_MS],
    ['ships at once from the number of posts that it could take meanwhile', { unshipped: 62_438 }, 0],
    ['ships at once if a page is a large part of a small limit', { posts: 20, limit: 300 }, 0],
  ])('%s', (_what, standing, expected) => {
    expect(gatherMs({ ...far, ...standing })).toBe(expected);
  });

  const count = fc.nat({ max: 2_000_000 });
  const standings = fc.record({ posts: count, limit: count, unshipped: count, isKnown: fc.boolean() });

  it('never gathers so much that the limit could be passed by the same amount again, and never longer after more posts', () => {
    fc.assert(
      fc.property(standings, count, (standing, more) => {
        const { posts, limit, unshipped } = standing;
        const gathers = gatherMs(standing) > 0;
        if (gathers) expect(posts + unshipped).toBeLessThan(limit);
        const later = { ...standing, posts: posts + more, unshipped: unshipped + more };
        if (!gathers) expect(gatherMs(later)).toBe(0);
        if (!gathers) expect(gatherMs({ ...standing, limit: Math.max(0, limit - more) })).toBe(0);
      }),
    );
  });
});
