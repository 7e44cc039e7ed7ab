import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DeadlineTimer } from '../../../src/adapters/worker/deadline-timer.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it.each([
  ['a later deadline', 100, 300],
  ['an earlier deadline', 300, 100],
])('calls only the last callback after %s was set', async (_name, firstMs, lastMs) => {
  const timer = new DeadlineTimer();
  const [first, last] = [vi.fn(), vi.fn()];
  timer.set(firstMs, first);
  timer.set(lastMs, last);
  await vi.advanceTimersByTimeAsync(lastMs - 1);
  expect(last).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1_000);
  expect([first.mock.calls.length, last.mock.calls.length]).toEqual([0, 1]);
});

it('calls nothing after its end, and can be restarted', async () => {
  const timer = new DeadlineTimer();
  const [ended, again] = [vi.fn(), vi.fn()];
  timer.set(100, ended);
  timer.end();
  await vi.advanceTimersByTimeAsync(50);
  timer.set(200, again);
  await vi.advanceTimersByTimeAsync(199);
  expect(again).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect([ended.mock.calls.length, again.mock.calls.length]).toEqual([0, 1]);
});
