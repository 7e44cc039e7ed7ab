/** What every pace limiter does, wherever it counts. */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PaceLimit, PaceLimiter } from '../../src/admit/port.ts';

export interface OpenedPace {
  readonly pace: PaceLimiter;
  close(): Promise<void>;
}

export function paceLimiterContract(open: (limit: PaceLimit) => Promise<OpenedPace>): void {
  const limit = { requests: 3, seconds: 60 };
  let opened: OpenedPace;
  beforeAll(async () => {
    opened = await open(limit);
  });
  afterAll(() => opened.close());

  it('lets the allowed requests through and holds the next ones back until the time is over', async () => {
    const client = randomUUID();
    for (let i = 0; i < 3; i += 1) expect(opened.pace.take(client, Date.now())).toEqual({ kind: 'within' });
    await expect.poll(() => opened.pace.take(client, Date.now()).kind).toBe('exceeded');
    const verdict = opened.pace.take(client, Date.now());
    expect(verdict).toMatchObject({ kind: 'exceeded', limit });
    if (verdict.kind !== 'exceeded') return;
    expect(verdict.retryAfterS).toBeGreaterThan(0);
    expect(verdict.retryAfterS).toBeLessThanOrEqual(60);
    expect(opened.pace.take(client, Date.now() + 61_000)).toEqual({ kind: 'within' });
  });

  it('counts every client by itself', async () => {
    const [fast, slow] = [randomUUID(), randomUUID()];
    for (let i = 0; i < 5; i += 1) opened.pace.take(fast, Date.now());
    await expect.poll(() => opened.pace.take(fast, Date.now()).kind).toBe('exceeded');
    expect(opened.pace.take(slow, Date.now())).toEqual({ kind: 'within' });
  });
}
