import { describe, expect, it } from 'vitest';
import { badCredentialProblem, overloadedProblem, refusalProblem } from '../../src/admit/problem.ts';

describe('problems', () => {
  it('of a full quota name the policy and when to come back', () => {
    const problem = refusalProblem({
      kind: 'refused',
      reason: 'quota',
      retryAfterS: 42,
      policy: 'posts-24h',
    });
    expect(problem.status).toBe(429);
    expect(problem.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'retry-after': '42',
    });
    expect(JSON.parse(problem.body)).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      status: 429,
      'violated-policies': ['posts-24h'],
    });
  });

  it('state that the limit cannot be checked, and when to retry', () => {
    const problem = refusalProblem({
      kind: 'refused',
      reason: 'unknown',
      retryAfterS: 5,
      policy: 'posts-24h',
    });
    expect(problem.status).toBe(503);
    expect(problem.headers['retry-after']).toBe('5');
    expect(JSON.parse(problem.body)).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
      status: 503,
      code: 'limit_unknown',
      'violated-policies': ['posts-24h'],
    });
  });

  it('state when to retry after an overload', () => {
    const problem = overloadedProblem();
    expect([problem.status, problem.headers['retry-after']]).toEqual([503, '5']);
    expect(JSON.parse(problem.body)).toMatchObject({ status: 503, code: 'overloaded' });
  });

  it('of a bad credential ask for another', () => {
    const problem = badCredentialProblem();
    expect(problem.status).toBe(401);
    expect(problem.headers['www-authenticate']).toMatch(/^Bearer /);
    expect(JSON.parse(problem.body)).toMatchObject({ type: 'about:blank', status: 401 });
  });
});
