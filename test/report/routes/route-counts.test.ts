import { describe, expect, test } from 'vitest';
import { outcomeOf, RouteCounts } from '../../../src/report/routes/route-counts.ts';

describe('the outcome of a response', () => {
  test.each([
    ['posts in it', [undefined, true, true, 200, true], 'counted'],
    ['posts in an error', [undefined, true, true, 500, true], 'counted'],
    ['posts before the client left', [undefined, true, true, 200, false], 'counted'],
    ['a whole body without posts', [undefined, true, false, 200, true], 'empty'],
    ['messages without posts', [undefined, true, false, 101, true], 'empty'],
    ['an error without posts', [undefined, true, false, 404, true], 'none'],
    ['a client that left before the first post', [undefined, true, false, 200, false], 'none'],
    ['nothing to count', [undefined, false, false, 200, true], 'none'],
    ['a body that could not be counted', ['not_json', true, false, 200, true], 'not_json'],
  ] as const)('%s', (_name, [uncounted, counts, hasPosts, status, whole], outcome) => {
    expect(outcomeOf(uncounted, counts, hasPosts, status, whole)).toBe(outcome);
  });
});

test('takes each count once, and keeps sums since the start', () => {
  const counts = new RouteCounts();
  counts.of('/a').ended('counted', 20, 1_000);
  counts.of('/a').ended('truncated', 0, 10);
  const first = [
    { route: '/a', outcome: 'counted', responses: 1, posts: 20, bytes: 1_000 },
    { route: '/a', outcome: 'truncated', responses: 1, posts: 0, bytes: 10 },
  ];
  expect(counts.take()).toEqual(first);
  expect(counts.take()).toEqual([]);
  counts.of('/a').ran(3, 30);
  expect(counts.take()).toEqual([{ route: '/a', outcome: 'counted', responses: 0, posts: 3, bytes: 30 }]);
  expect(counts.sums()[0]).toEqual({
    route: '/a',
    outcome: 'counted',
    responses: 1,
    posts: 23,
    bytes: 1_030,
  });
});
