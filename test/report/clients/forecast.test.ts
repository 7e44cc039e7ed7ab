import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Course, forecastOverMs } from '../../../src/report/clients/forecast.ts';
import { sumOf } from '../../../src/tariff/posts.ts';

const MINUTE_MS = 60_000;
const END_MS = Date.UTC(2026, 2, 2, 12, 1);

/** Walks bucket by bucket through two windows and adds up each window from its parts. */
function simulate({ posts, windowMs, threshold, pace, endMs, bucketMs }: Course): number | null {
  const bucketsPerHour = 3_600_000 / bucketMs;
  // In parts of a post, of which `bucketsPerHour` make one, so that all numbers are whole.
  const parts = new Map(posts.map((at) => [at.bucketMs, at.posts * bucketsPerHour]));
  for (let atMs = endMs; atMs < endMs + 2 * windowMs; atMs += bucketMs) {
    parts.set(atMs, pace);
    let total = 0;
    for (let inMs = atMs; inMs > atMs - windowMs; inMs -= bucketMs) total += parts.get(inMs) ?? 0;
    if (total > threshold * bucketsPerHour) return atMs;
  }
  return null;
}

const course: fc.Arbitrary<Course> = fc
  .record({
    bucketMs: fc.constantFrom(MINUTE_MS, 10_000),
    buckets: fc.integer({ min: 1, max: 120 }),
    served: fc.array(fc.tuple(fc.nat(119), fc.integer({ min: 1, max: 1_000 })), { maxLength: 40 }),
    room: fc.integer({ min: 0, max: 5_000 }),
    pace: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 100_000 })),
  })
  .map(({ bucketMs, buckets, served, room, pace }) => {
    const ages = new Map(served.filter(([age]) => age < buckets));
    const posts = Array.from(ages, ([age, posts]) => ({ bucketMs: END_MS - (age + 1) * bucketMs, posts }));
    posts.sort((a, b) => a.bucketMs - b.bucketMs);
    const windowMs = buckets * bucketMs;
    return { posts, windowMs, threshold: sumOf(posts) + room, pace, endMs: END_MS, bucketMs };
  });

describe('the moment at which the total will exceed the threshold', () => {
  test('is the one that a simulation of each bucket finds', () => {
    fc.assert(
      fc.property(course, (given) => {
        expect(forecastOverMs(given)).toBe(simulate(given));
      }),
      { numRuns: 2_000 },
    );
  });

  const day = { windowMs: 1_440 * MINUTE_MS, endMs: END_MS, bucketMs: MINUTE_MS };
  const old = [{ bucketMs: END_MS - 1_435 * MINUTE_MS, posts: 800_000 }];
  test.each<[string, Pick<Course, 'posts' | 'threshold' | 'pace'>, number | null]>([
    ['nothing comes any more', { posts: old, threshold: 800_000, pace: 0 }, null],
    ['the next bucket is one post too many', { posts: old, threshold: 800_000, pace: 60 }, 0],
    [
      'the pace fills the room before the old posts leave',
      { posts: old, threshold: 800_100, pace: 1_800 },
      3,
    ],
    [
      'the old posts leave in time, and the pace alone stays below',
      { posts: old, threshold: 800_100, pace: 600 },
      null,
    ],
    ['the pace alone needs almost a day', { posts: [], threshold: 1_000_000, pace: 41_700 }, 1_438],
  ])('%s', (_, given, minutes) => {
    const expected = minutes === null ? null : END_MS + minutes * MINUTE_MS;
    expect(simulate({ ...day, ...given })).toBe(expected);
    expect(forecastOverMs({ ...day, ...given })).toBe(expected);
  });
});
