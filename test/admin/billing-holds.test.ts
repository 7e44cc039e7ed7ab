import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresUsageLedger } from '../../src/adapters/postgres/usage/ledger.ts';
import { LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { type ApiRig, apiRig } from './api-rig.ts';

describe.each(LEDGER_KINDS)('clients on hold, over %s', (kind) => {
  let rig: ApiRig;
  beforeAll(async () => {
    rig = await apiRig(kind, 'admin-billing-holds');
    await rig.call('POST', '/v1/clients', { json: { id: 'acme', name: 'ACME' } });
  });
  afterAll(() => rig.close());
  const holds = async (query = '') => (await rig.call('GET', `/v1/billing-holds${query}`)).json.items;

  test('are listed with the reason, and released once by an operator with another reason', async () => {
    const reason = 'ledger and journal j tell different usage';
    const ledger = postgresUsageLedger(rig.db);
    const hold = { clientId: 'acme', code: 'batches_differ', reason } as const;
    await ledger.holdClients([hold, { ...hold, clientId: 'lost-client' }]);
    await ledger.holdClients([hold]);
    const [held, ...others] = await holds('?client=acme');
    expect(held).toMatchObject({ ...hold, heldBy: 'postmeter', releasedAt: null });
    expect(others).toEqual([]);

    const path = `/v1/billing-holds/${held.id}/release`;
    const viewer = await rig.tokenWith('viewer');
    expect((await rig.call('POST', path, { token: viewer, json: { reason: 'x' } })).status).toBe(403);
    expect((await rig.call('POST', path, { json: {} })).json.errors[0].field).toBe('reason');
    const released = await rig.call('POST', path, { json: { reason: 'the journal was right' } });
    expect(released.json).toMatchObject({
      releaseReason: 'the journal was right',
      releasedBy: 'ADMIN_TOKEN',
    });
    expect((await rig.call('POST', path, { json: { reason: 'again' } })).status).toBe(409);
    expect(await holds('?client=acme')).toEqual([]);
    expect(await holds('?client=acme&released=true')).toHaveLength(1);
    const { json } = await rig.call('GET', '/v1/audit?subject=clients/acme');
    expect(json.items.map(({ action }: { action: string }) => action).slice(0, 2)).toEqual([
      'client.released',
      'client.held',
    ]);
  });

  test('are put on hold manually, once', async () => {
    const json = { reason: 'a complaint is being looked into' };
    expect((await rig.call('POST', '/v1/clients/acme/hold', { json })).json).toMatchObject({
      ...{ clientId: 'acme', code: 'operator', ...json },
    });
    expect((await rig.call('POST', '/v1/clients/acme/hold', { json })).status).toBe(409);
    expect((await rig.call('POST', '/v1/clients/nobody/hold', { json })).status).toBe(404);
  });

  test('include all clients if records are lost', async () => {
    const ledger = postgresUsageLedger(rig.db);
    expect(await ledger.skipLost('journal-lost', 1, 40, 'the ledger was restored')).toBe(40);
    expect(await ledger.lastSequence('journal-lost')).toBe(40);
    expect(await holds('?client=acme')).toContainEqual(
      expect.objectContaining({ clientId: null, code: 'records_lost' }),
    );
    expect(await ledger.taken('journal-lost', 0, 10)).toEqual({
      chainedFrom: 0,
      batches: [{ firstSequence: 1, lastSequence: 40, kind: 'lost', leaves: [] }],
    });
  });

  test('unmetered posts are listed by journal and time', async () => {
    const gap = { fromMs: Date.UTC(2026, 2, 1), toMs: Date.UTC(2026, 2, 1, 0, 5), responses: 9, posts: 180 };
    const batch = { journalId: 'journal-gap', firstSequence: 1, lastSequence: 3, usage: [], gaps: [gap] };
    await postgresUsageLedger(rig.db).take(batch);
    expect((await rig.call('GET', '/v1/gaps')).json.items).toEqual([
      {
        ...{ journalId: 'journal-gap', sequence: 3, responses: 9, posts: 180 },
        ...{ from: '2026-03-01T00:00:00Z', to: '2026-03-01T00:05:00Z' },
      },
    ]);
  });

  test('usage in the future of the ledger is kept, and puts its client on hold', async () => {
    const bucketMs = Math.ceil(Date.now() / 60_000) * 60_000 + 10 * 60_000;
    const figures = { posts: 5, requests: 1, refused: 0, bytes: 1, uncounted: 0 };
    const usage = ['early', 'ok'].map((clientId, n) => ({
      ...{ clientId, identifierId: 'i', ...figures },
      bucketMs: n === 0 ? bucketMs : Date.UTC(2026, 2, 1),
    }));
    const ledger = postgresUsageLedger(rig.db);
    await ledger.take({ journalId: 'ahead', firstSequence: 1, lastSequence: 1, usage });
    expect(await holds('?client=early')).toContainEqual(expect.objectContaining({ code: 'future_usage' }));
    expect((await holds('?client=ok')).filter((one: { clientId: string }) => one.clientId === 'ok')).toEqual(
      [],
    );
  });
});
