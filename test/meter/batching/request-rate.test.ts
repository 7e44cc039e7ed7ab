import { array, assert, nat, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOT_PERIOD_MS, HOT_REQUESTS, RequestRate } from '../../../src/meter/batching/request-rate.ts';

describe('RequestRate', () => {
  it('agrees with a count of all requests in the last second', () => {
    assert(
      property(array(nat(40), { minLength: 1, maxLength: 400 }), (steps) => {
        const rate = new RequestRate();
        const seen: number[] = [];
        let nowMs = 1_000_000;
        for (const step of steps) {
          nowMs += step;
          seen.push(nowMs);
          rate.observe(nowMs);
          const recent = seen.filter((atMs) => nowMs - atMs < HOT_PERIOD_MS).length;
          expect(rate.isHot(nowMs)).toBe(recent >= HOT_REQUESTS);
        }
      }),
    );
  });

  it('is not hot a second after the last request', () => {
    const rate = new RequestRate();
    for (let seen = 0; seen < HOT_REQUESTS; seen++) rate.observe(5_000);
    expect(rate.isHot(5_000 + HOT_PERIOD_MS - 1)).toBe(true);
    expect(rate.isHot(5_000 + HOT_PERIOD_MS)).toBe(false);
  });
});
