import { describe, expect, it } from 'vitest';
import { rateLimiter } from '../../src/adapters/memory/rates.ts';
import { isInEffect, limitOfRate, refusalByPolicy, refusalByRate } from '../../src/admit/policy.ts';
import { refusalProblem } from '../../src/admit/problem.ts';

const NOW_MS = Date.UTC(2026, 2, 1, 12);
const forEver = { reason: 'a scraper', untilMs: null };

describe('a policy that refuses', () => {
  it.each([
    [403, undefined],
    [429, '3600'],
  ] as const)('answers %i', (status, retryAfter) => {
    const refusal = refusalByPolicy({ action: 'refuse', status, ...forEver }, NOW_MS);
    if (refusal?.kind !== 'refused') throw new Error('it was not refused');
    const problem = refusalProblem(refusal);
    expect(problem.status).toBe(status);
    expect(problem.headers['retry-after']).toBe(retryAfter);
    expect(JSON.parse(problem.body)).toMatchObject({ status, code: 'client_refused' });
    expect(problem.body).not.toContain('scraper');
  });

  it('states with 429 when it ends', () => {
    const policy = { action: 'refuse', status: 429, reason: 'x', untilMs: NOW_MS + 1_500 } as const;
    expect(refusalByPolicy(policy, NOW_MS)).toMatchObject({ retryAfterS: 2 });
  });
});

it('a policy has no effect from its end on', () => {
  const policy = { action: 'allow', reason: 'x', untilMs: NOW_MS } as const;
  expect([isInEffect(policy, NOW_MS - 1), isInEffect(policy, NOW_MS)]).toEqual([true, false]);
});

it.each([
  [10_000, { requests: 10_000, seconds: 1 }],
  [1, { requests: 1, seconds: 1 }],
  [0.25, { requests: 1, seconds: 4 }],
  [0.001, { requests: 1, seconds: 1_000 }],
])('a rate of %d a second is %j', (rate, limit) => {
  expect(limitOfRate(rate)).toEqual(limit);
});

describe('a policy that slows', () => {
  it('refuses with 429 what is beyond the rate, for each client and rate by itself', async () => {
    const rates = rateLimiter();
    const taken = async (client: string, rate: number, count: number) => {
      const results: string[] = [];
      for (let at = 0; at < count; at++) {
        results.push(rates.take(client, rate, Date.now()).kind);
        await new Promise(setImmediate);
      }
      return results;
    };
    expect(await taken('a', 0.01, 3)).toEqual(['within', 'exceeded', 'exceeded']);
    expect(await taken('b', 0.01, 1)).toEqual(['within']);
    expect(await taken('a', 5, 1)).toEqual(['within']);
    const refusal = refusalByRate(rates.take('a', 0.01, Date.now()));
    if (refusal?.kind !== 'refused') throw new Error('it was not refused');
    expect(refusalProblem(refusal)).toMatchObject({ status: 429 });
    expect(refusal.policy).toBe('rate');
    expect(refusal.retryAfterS).toBeGreaterThan(1);
  });
});
