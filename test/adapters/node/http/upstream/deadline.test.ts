import { beforeEach, describe, expect, it } from 'vitest';
import { Deadline } from '../../../../../src/adapters/node/http/upstream/deadline.ts';

const limits = { connectTimeoutMs: 10_000, headersTimeoutMs: 20_000, bodyTimeoutMs: 30_000 };

describe('the deadline of a connection', () => {
  let timing: { nowMs: number; readonly limits: typeof limits };
  let deadline: Deadline;
  const leftMs = () => {
    let ms = 0;
    while (!deadline.isPast(timing.nowMs + ms)) ms += 500;
    return ms;
  };

  beforeEach(() => {
    timing = { nowMs: 5_000, limits };
    deadline = new Deadline(timing);
    timing.nowMs = 6_000;
  });

  it('is the connect time-out plus one sweep at first, because the clock may be one sweep old', () => {
    timing.nowMs = 5_000;
    expect(leftMs()).toBe(11_000);
  });

  it.each([
    [false, 21_000],
    [true, 31_000],
  ])('restarts: with an answer %j it is %i ms', (hasFinalHead, ms) => {
    deadline.restart(hasFinalHead);
    expect(leftMs()).toBe(ms);
  });

  it.each([
    [undefined, true, 4_000],
    [5_000, true, 3_000],
    [2_000, false, 0],
    [0, false, 0],
    [999_999_000, true, 600_000],
  ])('of an idle connection that the server keeps for %j ms: %j, %i ms', (keepAliveMs, mayServe, ms) => {
    expect(deadline.idle(keepAliveMs)).toBe(mayServe);
    expect(leftMs()).toBe(ms);
  });
});
