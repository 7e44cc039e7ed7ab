import { describe, expect, it } from 'vitest';
import { admit, policyName } from '../../src/admit/admit.ts';
import { DEFAULT_TARIFF, type Tariff } from '../../src/tariff/tariff.ts';

const nowMs = Date.UTC(2026, 2, 1, 12);
const asOfMs = nowMs;
const refusing: Tariff = { ...DEFAULT_TARIFF, threshold: 100, onThreshold: 'refuse' };
const total = (posts: number, oldestMs: number | undefined = nowMs - 60_000) => ({
  clientId: 'c',
  posts,
  oldestMs,
  asOfMs,
});

describe('admitting', () => {
  it.each<[string, Tariff, number, 'admitted' | 'refused']>([
    ['below the threshold', refusing, 99, 'admitted'],
    ['at the threshold', refusing, 100, 'refused'],
    ['above the threshold', refusing, 101, 'refused'],
    ['above it, on a tariff that bills', { ...refusing, onThreshold: 'bill' }, 101, 'admitted'],
    ['an exempt client', { kind: 'exempt' }, 1e9, 'admitted'],
    [
      'a licensed client',
      {
        kind: 'licence',
        count: 'deliveries',
        included: 5,
        priceMinor: 1n,
        block: 1,
        rounding: 'prorated',
        currency: 'USD',
      },
      1e9,
      'admitted',
    ],
  ])('%s', (_name, tariff, posts, kind) => {
    expect(admit(tariff, total(posts), true, nowMs).kind).toBe(kind);
  });

  it.each([
    ['when the oldest bucket leaves', nowMs - 86_000_000, 400],
    ['rounded up', nowMs - 86_000_001, 400],
    ['at least a second, where it should have left already', nowMs - 86_400_000, 1],
    ['the whole window, where nothing is known', undefined, 86_400],
  ])('says when to come back: %s', (_name, oldestMs, retryAfterS) => {
    const refusal = admit(refusing, { clientId: 'c', posts: 100, oldestMs, asOfMs }, true, nowMs);
    expect(refusal).toEqual({ kind: 'refused', reason: 'quota', retryAfterS, policy: 'posts-24h' });
  });

  it.each<[string, Tariff, number, string]>([
    ['failOpen, below the threshold', refusing, 99, 'admitted'],
    ['failOpen, at what this process knows to be the threshold', refusing, 100, 'quota'],
    ['failClosed, whatever is known', { ...refusing, whenUnknown: 'failClosed' }, 0, 'unknown'],
    ['failClosed, at the threshold too', { ...refusing, whenUnknown: 'failClosed' }, 100, 'unknown'],
    ['a tariff that bills', { ...refusing, onThreshold: 'bill', whenUnknown: 'failClosed' }, 100, 'admitted'],
    ['an exempt client', { kind: 'exempt' }, 1e9, 'admitted'],
  ])('while totals are unknown: %s', (_name, tariff, posts, outcome) => {
    const admission = admit(tariff, total(posts), false, nowMs);
    expect(admission.kind === 'refused' ? admission.reason : admission.kind).toBe(outcome);
    if (outcome === 'unknown') expect(admission).toMatchObject({ retryAfterS: 5, policy: 'posts-24h' });
    expect(admit(tariff, total(0), true, nowMs).kind).toBe('admitted');
  });

  it('refuses a client over its pace, whatever its tariff', () => {
    const pace = { kind: 'exceeded', retryAfterS: 7, limit: { requests: 1, seconds: 10 } } as const;
    expect(admit({ kind: 'exempt' }, total(0), true, nowMs, pace)).toEqual({
      kind: 'refused',
      reason: 'pace',
      retryAfterS: 7,
      policy: 'pace',
    });
    expect(admit(refusing, total(0), true, nowMs, { kind: 'within' }).kind).toBe('admitted');
  });

  it.each([
    [86_400, 'posts-24h'],
    [3_600, 'posts-1h'],
    [5_400, 'posts-90m'],
    [60, 'posts-1m'],
    [45, 'posts-45s'],
  ])('names a window of %i s %s', (windowSeconds, name) => {
    expect(policyName(windowSeconds)).toBe(name);
  });
});
