import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiRig, apiRig } from './api-rig.ts';

let rig: ApiRig;

beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-uncounted');
});
afterAll(() => rig.close());

test('uncounted responses are listed by route and reason, with the declared counts that were checked', async () => {
  const before = await rig.call('GET', '/v1/uncounted');
  expect(before.json).toEqual({
    since: expect.stringMatching(/^\d{4}-.*Z$/),
    items: [],
    crossCheck: { responses: 0, differences: [] },
  });
  const { routes } = rig.tally;
  routes.of('/posts').ended('truncated', 0, 10);
  routes.of('/posts').ended('truncated', 0, 10);
  routes.of('/feed').ended('not_xml', 0, 10);
  rig.tally.crossCheck('/posts', true);
  rig.tally.crossCheck('/feed', false);
  const { json } = await rig.call('GET', '/v1/uncounted', { token: await rig.tokenWith('viewer') });
  expect(json.items).toEqual([
    { route: '/feed', reason: 'not_xml', responses: 1 },
    { route: '/posts', reason: 'truncated', responses: 2 },
  ]);
  expect(json.crossCheck).toEqual({ responses: 2, differences: [{ route: '/feed', responses: 1 }] });
});

test('routes show their counts, their misses, and the paths that no route matches', async () => {
  const { routes, paths } = rig.tally;
  routes.of('/posts').ended('counted', 20, 1_000);
  routes.of('/posts').ended('empty', 0, 40);
  routes.of('/posts').ended('none', 0, 0);
  routes.of('').ended('none', 0, 500);
  paths.saw('/forgotten/door/12345?page=1', 'application/json', 500);
  const { status, json } = await rig.call('GET', '/v1/routes', { token: await rig.tokenWith('viewer') });
  expect(status).toBe(200);
  expect(json.since).toMatch(/^\d{4}-\d\d-\d\dT\d\d:00:00Z$/);
  expect(json.items.map((item: { route: string }) => item.route)).toEqual(['/posts', '/quiet', '/feed']);
  expect(json.items[0]).toEqual({
    route: '/posts',
    isConfigured: true,
    posts: 20,
    responses: 5,
    bytes: 1_060,
    empty: 1,
    none: 1,
    uncounted: [{ reason: 'truncated', responses: 2 }],
    checked: 1,
    differs: 0,
    postsPerResponse: 5,
    lastSeenAt: expect.stringMatching(/Z$/),
  });
  expect(json.items[1]).toMatchObject({
    isConfigured: true,
    responses: 0,
    postsPerResponse: null,
    lastSeenAt: null,
  });
  expect(json.items[2]).toMatchObject({
    isConfigured: false,
    uncounted: [{ reason: 'not_xml', responses: 1 }],
  });
  expect(json.unmatched).toEqual({
    responses: 1,
    bytes: 500,
    posts: 0,
    paths: [{ path: '/forgotten/door/{id}', responses: 1, bytes: 500 }],
  });
});

test('the hours of a route add up to its row, with the reasons', async () => {
  const { items } = (await rig.call('GET', '/v1/routes')).json;
  for (const route of ['/posts', '/quiet', '/feed']) {
    const hours = (await rig.call('GET', `/v1/routes/hours?route=${route}`)).json.items;
    const row = items.find((item: { route: string }) => item.route === route);
    for (const field of ['posts', 'responses', 'bytes', 'empty', 'none', 'checked', 'differs']) {
      const sum = hours.reduce((total: number, hour: Record<string, number>) => total + hour[field]!, 0);
      expect([route, field, sum]).toEqual([route, field, row[field]]);
    }
    const reasons = hours.flatMap((hour: { uncounted: unknown[] }) => hour.uncounted);
    expect(reasons).toEqual(row.uncounted);
  }
  const all = await rig.call('GET', '/v1/routes/hours?route=/posts&from=2020-01-01T00:00:00Z');
  expect(all.json.errors[0].field).toBe('from');
});

test('a range that ends before it begins is refused', async () => {
  const { status, json } = await rig.call(
    'GET',
    '/v1/routes?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z',
  );
  expect(status).toBe(400);
  expect(json.errors[0].field).toBe('from');
});

test.each(['/v1/uncounted', '/v1/routes'])('%s needs a token', async (path) => {
  expect((await rig.call('GET', path, { token: null })).status).toBe(401);
});
