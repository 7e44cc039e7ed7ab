import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiRig, apiRig } from './api-rig.ts';

let rig: ApiRig;

beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-uncounted');
});
afterAll(() => rig.close());

test('what could not be counted is told by route and reason, with the counts that were checked', async () => {
  const before = await rig.call('GET', '/v1/uncounted');
  expect(before.json).toEqual({
    since: expect.stringMatching(/^\d{4}-.*Z$/),
    items: [],
    crossCheck: { responses: 0, differences: [] },
  });
  rig.tally.sawUncounted('/posts', 'truncated');
  rig.tally.sawUncounted('/posts', 'truncated');
  rig.tally.sawUncounted('/feed', 'not_xml');
  rig.tally.sawCrossCheck('/posts', true);
  rig.tally.sawCrossCheck('/feed', false);
  const { json } = await rig.call('GET', '/v1/uncounted', { token: await rig.tokenWith('viewer') });
  expect(json.items).toEqual([
    { route: '/posts', reason: 'truncated', responses: 2 },
    { route: '/feed', reason: 'not_xml', responses: 1 },
  ]);
  expect(json.crossCheck).toEqual({ responses: 2, differences: [{ route: '/feed', responses: 1 }] });
});

test('it needs a token', async () => {
  expect((await rig.call('GET', '/v1/uncounted', { token: null })).status).toBe(401);
});
