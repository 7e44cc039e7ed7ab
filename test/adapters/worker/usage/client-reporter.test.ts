import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ClientReporter } from '../../../../src/adapters/worker/usage/client-reporter.ts';

const MINUTE_MS = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** @param failures number of calls that fail at first. */
function reporterOf(failures = 0) {
  const reports: string[][] = [];
  const reporter = new ClientReporter({
    report: async (clientIds) => {
      if (failures-- > 0) throw new Error('the object fails');
      reports.push([...clientIds]);
    },
    keepAlive: (promise) => void promise,
    nowMs: Date.now,
    onError: () => {},
  });
  return { reporter, reports };
}

it('reports the clients of some seconds together, and each again only ten minutes later', async () => {
  const { reporter, reports } = reporterOf();
  for (const clientId of ['a', 'b', 'a']) reporter.onTaken(clientId);
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(reports).toEqual([['a', 'b']]);
  reporter.onTaken('a');
  reporter.onTaken('c');
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  expect(reports).toEqual([['a', 'b'], ['c']]);
  reporter.onTaken('a');
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(reports.at(-1)).toEqual(['a']);
});

it('reports clients again after a failure, with the next usage of any client', async () => {
  const { reporter, reports } = reporterOf(1);
  reporter.onTaken('a');
  reporter.onTaken('b');
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(reports).toEqual([]);
  reporter.onTaken('b');
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(reports).toEqual([['a', 'b']]);
});

it('reports clients although the request that was to report them has ended', async () => {
  const { reporter, reports } = reporterOf();
  reporter.onTaken('a');
  vi.clearAllTimers();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  reporter.onTaken('b');
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(reports).toEqual([['a', 'b']]);
});
