import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BucketQueue } from '../../src/meter/bucket-queue.ts';

const WINDOW_MS = 100;

it('lets a clock be ahead by at most one window', () => {
  const queue = new BucketQueue();
  queue.addAll([{ bucketMs: 200, posts: 3 }], 200, WINDOW_MS);
  expect([queue.roll(100, WINDOW_MS), queue.sum, queue.oldestMs]).toEqual([200, 3, 200]);
  expect([queue.roll(99, WINDOW_MS), queue.sum, queue.oldestMs]).toEqual([99, 0, undefined]);
  queue.addAll([{ bucketMs: 90, posts: 2 }], 99, WINDOW_MS);
  expect([queue.sum, queue.oldestMs]).toEqual([2, 90]);
});

it('contains the same sums as a simple addition, in any order of posts', () => {
  const step = fc.record({
    forwardMs: fc.integer({ min: 0, max: 60 }),
    adds: fc.array(
      fc.record({ backMs: fc.integer({ min: 0, max: 140 }), posts: fc.integer({ min: 0, max: 9 }) }),
      {
        maxLength: 4,
      },
    ),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const queue = new BucketQueue();
      const all: { bucketMs: number; posts: number }[] = [];
      let nowMs = 1_000;
      for (const { forwardMs, adds } of steps) {
        nowMs += forwardMs;
        const now = adds.map(({ backMs, posts }) => ({ bucketMs: nowMs - backMs, posts }));
        all.push(...now);
        expect(queue.addAll(now, nowMs, WINDOW_MS)).toBe(nowMs);
        const inWindow = all.filter(({ bucketMs, posts }) => bucketMs > nowMs - WINDOW_MS && posts > 0);
        expect(queue.sum).toBe(inWindow.reduce((sum, { posts }) => sum + posts, 0));
        const oldestMs = Math.min(...inWindow.map(({ bucketMs }) => bucketMs));
        expect(queue.oldestMs).toBe(inWindow.length === 0 ? undefined : oldestMs);
      }
    }),
  );
});
