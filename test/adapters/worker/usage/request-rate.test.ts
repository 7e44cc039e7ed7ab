import { array, assert, nat, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOT_REQUESTS, RequestRate, WITHIN_MS } from '../../../../src/adapters/worker/usage/request-rate.ts';

describe('RequestRate', () => {
  it('says what counting all moments of the last second says', () => {
    assert(
      property(array(nat(40), { minLength: 1, maxLength: 400 }), (steps) => {
        const rate = new RequestRate();
        const seen: number[] = [];
        let nowMs = 1_000_000;
        for (const step of steps) {
          nowMs += step;
          seen.push(nowMs);
          rate.saw(nowMs);
          const recent = seen.filter((atMs) => nowMs - atMs < WITHIN_MS).length;
          expect(rate.isHot(nowMs)).toBe(recent >= HOT_REQUESTS);
        }
      }),
    );
  });

  it('forgets by and by', () => {
    const rate = new RequestRate();
    for (let seen = 0; seen < HOT_REQUESTS; seen++) rate.saw(5_000);
    expect(rate.isHot(5_000 + WITHIN_MS - 1)).toBe(true);
    expect(rate.isHot(5_000 + WITHIN_MS)).toBe(false);
  });
});
