import fc from 'fast-check';
import { parseList } from 'structured-headers';
import { describe, expect, it } from 'vitest';
import { rateLimitHeaders } from '../../src/admit/rate-limit-headers.ts';
import { DEFAULT_TARIFF } from '../../src/tariff/tariff.ts';

const nowMs = Date.UTC(2026, 2, 1, 12);

describe('rate limit headers', () => {
  it('are exactly these', () => {
    const total = { clientId: 'c', posts: 400_000, oldestMs: nowMs - 1_400_000, asOfMs: nowMs };
    expect(rateLimitHeaders(DEFAULT_TARIFF, total, nowMs)).toEqual({
      policy: '"posts-24h";q=1000000;w=86400;postmeter-unit="posts"',
      limit: '"posts-24h";r=600000;t=85000',
    });
  });

  it('parse as structured fields, with what is left never below 0', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e12 }),
        fc.integer({ min: 0, max: 2e12 }),
        fc.integer({ min: 1, max: 200_000 }),
        fc.option(fc.integer({ min: 0, max: 300_000_000 }), { nil: undefined }),
        (threshold, posts, windowSeconds, ageMs) => {
          const tariff = { ...DEFAULT_TARIFF, threshold, windowSeconds };
          const oldestMs = ageMs === undefined ? undefined : nowMs - ageMs;
          const headers = rateLimitHeaders(tariff, { clientId: 'c', posts, oldestMs, asOfMs: nowMs }, nowMs)!;
          const [[policyName, policy]] = parseList(headers.policy) as [[string, Map<string, unknown>]];
          const [[limitName, limit]] = parseList(headers.limit) as [[string, Map<string, unknown>]];
          expect(limitName).toBe(policyName);
          expect(Object.fromEntries(policy)).toEqual({
            q: threshold,
            w: windowSeconds,
            'postmeter-unit': 'posts',
          });
          expect(limit.get('r')).toBe(Math.max(0, threshold - posts));
          expect(limit.get('t')).toBeGreaterThanOrEqual(1);
          expect(limit.get('t')).toBeLessThanOrEqual(windowSeconds);
        },
      ),
    );
  });

  it('are not there if there is no threshold, or one of unique posts', () => {
    const total = { clientId: 'c', posts: 1, asOfMs: nowMs };
    expect(rateLimitHeaders({ kind: 'exempt' }, total, nowMs)).toBeNull();
    expect(rateLimitHeaders({ ...DEFAULT_TARIFF, count: 'unique' }, total, nowMs)).toBeNull();
  });
});
