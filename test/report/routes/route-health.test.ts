import { describe, expect, test } from 'vitest';
import type { CountingOutcome, RouteSums } from '../../../src/report/routes/port.ts';
import { collapsedRoutes, explainCollapse, healthSpans } from '../../../src/report/routes/route-health.ts';

const sums = (route: string, outcome: CountingOutcome, responses: number, posts = 0): RouteSums => ({
  route,
  outcome,
  responses,
  posts,
  bytes: 0,
});

describe('a route whose posts per response collapse', () => {
  const week = [sums('/list', 'counted', 1_000, 20_000)];

  test.each([
    ['no longer finds posts', [sums('/list', 'empty', 100)], true],
    ['cannot read what it could read before', [sums('/list', 'shape', 100)], true],
    ['is just below a tenth', [sums('/list', 'counted', 100, 199)], true],
    ['has exactly a tenth', [sums('/list', 'counted', 100, 200)], false],
    ['serves only errors and 304', [sums('/list', 'none', 100)], false],
    ['has too few responses to judge', [sums('/list', 'empty', 19)], false],
    ['receives no requests', [], false],
    [
      'is checked by second counts',
      [sums('/list', 'counted', 20, 400), sums('/list', 'checked', 900)],
      false,
    ],
  ])('%s', (_name, recent, isCollapsed) => {
    expect(collapsedRoutes(week, recent).map(({ route }) => route)).toEqual(isCollapsed ? ['/list'] : []);
  });

  test('a route without earlier responses, or without posts in them, cannot collapse', () => {
    const recent = [
      sums('/new', 'empty', 100),
      sums('/page', 'empty', 100),
      sums('/list', 'counted', 50, 1_000),
    ];
    expect(
      collapsedRoutes([...week, sums('/page', 'empty', 500), sums('/new', 'counted', 99, 990)], recent),
    ).toEqual([]);
  });

  test('is explained with both figures and what to check', () => {
    const [collapsed] = collapsedRoutes(week, [sums('/list', 'counted', 100, 101)]);
    expect(explainCollapse(collapsed!)).toBe(
      'route /list: 1.01 posts per response, last week 20; check its selectors with `postmeter count --explain`',
    );
  });
});

test('compares this hour and the one before with the seven days before', () => {
  const iso = (atMs: number) => new Date(atMs).toISOString();
  const { weekFromMs, recentFromMs, toMs } = healthSpans(Date.UTC(2026, 2, 8, 12, 34));
  expect([weekFromMs, recentFromMs, toMs].map(iso)).toEqual([
    '2026-03-01T11:00:00.000Z',
    '2026-03-08T11:00:00.000Z',
    '2026-03-08T13:00:00.000Z',
  ]);
});
