import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Upkeep } from '../../../src/adapters/worker/usage/upkeep.ts';

const MINUTE_MS = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** @param failures of the first calls. */
function upkeepOf(failures = 0) {
  const reported: string[][] = [];
  const upkeep = new Upkeep({
    lookAfter: async (clientIds) => {
      if (failures-- > 0) throw new Error('fails on request');
      reported.push([...clientIds]);
    },
    keepAlive: (promise) => void promise,
    nowMs: Date.now,
    onError: () => {},
  });
  return { upkeep, reported };
}

it('tells of the clients of some seconds at once, and of each again only when there is usage long after', async () => {
  const { upkeep, reported } = upkeepOf();
  for (const clientId of ['a', 'b', 'a']) upkeep.took(clientId);
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(reported).toEqual([['a', 'b']]);
  upkeep.took('a');
  upkeep.took('c');
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  expect(reported).toEqual([['a', 'b'], ['c']]);
  upkeep.took('a');
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(reported.at(-1)).toEqual(['a']);
});

it('reports what could not be reported with the next usage of any client', async () => {
  const { upkeep, reported } = upkeepOf(1);
  upkeep.took('a');
  upkeep.took('b');
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(reported).toEqual([]);
  upkeep.took('b');
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(reported).toEqual([['a', 'b']]);
});

it('is not kept from telling by a request that ended before it could', async () => {
  const { upkeep, reported } = upkeepOf();
  upkeep.took('a');
  vi.clearAllTimers();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  upkeep.took('b');
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(reported).toEqual([['a', 'b']]);
});
