import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ledgerDirectorySource } from '../../src/adapters/postgres/directory-source.ts';
import { type ApiRig, apiRig } from './api-rig.ts';

const PATH = '/v1/clients/acme/policy';

describe('policies of clients', () => {
  let rig: ApiRig;
  beforeAll(async () => {
    rig = await apiRig('postgres', 'admin-policies');
    await rig.call('POST', '/v1/clients', { json: { id: 'acme', name: 'ACME' } });
  });
  afterAll(() => rig.close());

  test('are set, replaced, shown and removed, each with a row in the audit log', async () => {
    const until = `${new Date(Date.now() + 60_000).toISOString().slice(0, 19)}Z`;
    const set = await rig.call('PUT', PATH, { json: { action: 'refuse', reason: 'a scraper', until } });
    const shown = {
      ...{ clientId: 'acme', action: 'refuse', status: 403, ratePerSecond: null, reason: 'a scraper' },
      ...{ until, setBy: 'ADMIN_TOKEN' },
    };
    expect([set.status, set.json]).toEqual([200, { ...shown, setAt: expect.any(String) }]);
    expect((await rig.call('GET', PATH)).json).toEqual(set.json);

    const slow = { action: 'slow', ratePerSecond: 0.5, reason: 'it promised to slow down' };
    expect((await rig.call('PUT', PATH, { json: slow })).json).toMatchObject({ ...slow, until: null });
    expect((await rig.call('GET', '/v1/client-policies')).json.items).toMatchObject([
      { clientId: 'acme', ...slow },
    ]);

    expect((await rig.call('DELETE', PATH)).json).toMatchObject(slow);
    expect((await rig.call('DELETE', PATH)).status).toBe(404);
    expect((await rig.call('GET', PATH)).status).toBe(404);
    const { items } = (await rig.call('GET', '/v1/audit?subject=clients/acme/policy')).json;
    expect(items.map(({ action, reason }: Record<string, unknown>) => [action, reason])).toEqual([
      ['policy.removed', null],
      ['policy.set', slow.reason],
      ['policy.set', 'a scraper'],
    ]);
    expect(items[1]).toMatchObject({ before: { action: 'refuse', status: 403 }, after: { action: 'slow' } });
  });

  test.each(['addr:203.0.113.7', 'addr:2001:db8::/56', 'net:203.0.113.0/24'])(
    'may name %s before its first request, and are in the directory',
    async (clientId) => {
      const path = `/v1/clients/${encodeURIComponent(clientId)}/policy`;
      const json = { action: 'refuse', status: 429, reason: 'x' };
      expect((await rig.call('PUT', path, { json })).status).toBe(200);
      const { policies } = await ledgerDirectorySource(rig.connection).load();
      expect(policies).toContainEqual({ clientId, policy: { ...json, untilMs: null } });
    },
  );

  test.each([
    [{ action: 'stop', reason: 'x' }, 'action'],
    [{ action: 'allow' }, 'reason'],
    [{ action: 'allow', status: 403, reason: 'x' }, 'status'],
    [{ action: 'refuse', status: 500, reason: 'x' }, 'status'],
    [{ action: 'slow', reason: 'x' }, 'ratePerSecond'],
    [{ action: 'slow', ratePerSecond: 0, reason: 'x' }, 'ratePerSecond'],
    [{ action: 'slow', ratePerSecond: 1.5, reason: 'x' }, 'ratePerSecond'],
    [{ action: 'slow', ratePerSecond: 10_001, reason: 'x' }, 'ratePerSecond'],
    [{ action: 'allow', reason: 'x', until: '2020-01-01T00:00:00Z' }, 'until'],
  ])('%j is refused by its field %s, and changes nothing', async (json, field) => {
    const answer = await rig.call('PUT', PATH, { json });
    expect(answer.status).toBe(400);
    expect(answer.json.errors[0].field).toBe(field);
    expect((await rig.call('GET', PATH)).status).toBe(404);
  });

  test('do not exist for an unknown client, and a viewer cannot set one', async () => {
    const json = { action: 'allow', reason: 'x' };
    expect((await rig.call('PUT', '/v1/clients/nobody/policy', { json })).status).toBe(404);
    expect((await rig.call('PUT', '/v1/clients/addr:2001:db8:1:1::%2F56/policy', { json })).status).toBe(404);
    const token = await rig.tokenWith('viewer', 'finance');
    expect((await rig.call('PUT', PATH, { json, token })).status).toBe(403);
    expect((await rig.call('DELETE', PATH, { token })).status).toBe(403);
    expect((await rig.call('GET', '/v1/client-policies', { token })).status).toBe(200);
  });
});

test('a change of clients, identifiers, tariffs or policies is answered after the directory is refreshed', async () => {
  const rig = await apiRig('postgres', 'admin-refresh');
  try {
    const refreshes = async (method: string, path: string, json?: unknown) => {
      const before = rig.refreshed.count;
      await rig.call(method, path, json === undefined ? {} : { json });
      return rig.refreshed.count - before;
    };
    expect(await refreshes('POST', '/v1/clients', { id: 'acme', name: 'ACME' })).toBe(1);
    expect(await refreshes('POST', '/v1/clients/acme/identifiers', { kind: 'api_key' })).toBe(1);
    expect(await refreshes('PUT', PATH, { action: 'allow', reason: 'x' })).toBe(1);
    expect(await refreshes('PUT', PATH, { action: 'allow' })).toBe(0);
    expect(await refreshes('GET', '/v1/clients')).toBe(0);
    rig.refreshed.fails = true;
    const { status } = await rig.call('DELETE', PATH);
    expect([status, rig.logged.some((line) => line.includes('takes effect at the next read'))]).toEqual([
      200,
      true,
    ]);
  } finally {
    await rig.close();
  }
});
