import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { type ApiRig, apiRig } from './api-rig.ts';

const NOW_MS = Date.UTC(2026, 2, 2, 12, 0, 30);
const MINUTE_MS = 60_000;

describe.each(LEDGER_KINDS)('the clients closest to their thresholds, over %s', (kind) => {
  let rig: ApiRig;
  beforeAll(async () => {
    rig = await apiRig(kind, 'admin-totals');
    rig.nowMs = NOW_MS - 40 * 24 * 60 * MINUTE_MS;
    for (const id of ['big', 'near', 'hourly', 'licensee', 'idle']) {
      await rig.call('POST', '/v1/clients', { json: { id, name: id.toUpperCase() } });
    }
    const terms = {
      near: { threshold: 1_000 },
      hourly: { threshold: 1_000, windowSeconds: 3_600 },
      licensee: { kind: 'licence', included: 10 },
    };
    for (const [id, each] of Object.entries(terms)) {
      const json = { terms: each, reason: 'test' };
      expect((await rig.call('POST', `/v1/clients/${id}/tariffs`, { json })).status).toBe(201);
    }
    rig.nowMs = NOW_MS;
  });
  afterAll(() => rig.close());

  async function serve(clientId: string, minutesAgo: number, posts: number): Promise<void> {
    const at = new Date(Math.floor(NOW_MS / MINUTE_MS) * MINUTE_MS - minutesAgo * MINUTE_MS).toISOString();
    await rig.db.execute(`
      insert into usage (client_id, identifier_id, bucket_at, posts, requests, refused, bytes, uncounted)
      values ('${clientId}', 'key', '${at}', ${posts}, 1, 0, 1, 0)`);
  }

  test('are sorted by share, each over its own window', async () => {
    expect((await rig.call('GET', '/v1/totals')).json.items).toEqual([]);
    await serve('big', 0, 300_000);
    await serve('big', 1_439, 200_000);
    await serve('big', 1_440, 999_999);
    await serve('near', 5, 900);
    await serve('hourly', 59, 400);
    await serve('hourly', 60, 5_000);
    await serve('licensee', 1, 7);
    const { json } = await rig.call('GET', '/v1/totals');
    expect(json.asOf).toBe('2026-03-02T12:00:30Z');
    expect(json.items).toEqual([
      {
        clientId: 'near',
        name: 'NEAR',
        kind: 'damages',
        total: 900,
        windowSeconds: 86_400,
        threshold: 1_000,
        share: 0.9,
        pace: 900,
        overAt: '2026-03-02T12:07:00Z',
      },
      {
        clientId: 'big',
        name: 'BIG',
        kind: 'damages',
        total: 500_000,
        windowSeconds: 86_400,
        threshold: 1_000_000,
        share: 0.5,
        pace: 300_000,
        overAt: '2026-03-02T14:21:00Z',
      },
      {
        clientId: 'hourly',
        name: 'HOURLY',
        kind: 'damages',
        total: 400,
        windowSeconds: 3_600,
        threshold: 1_000,
        share: 0.4,
        pace: 400,
        overAt: null,
      },
      {
        clientId: 'licensee',
        name: 'LICENSEE',
        kind: 'licence',
        total: 7,
        windowSeconds: 86_400,
        threshold: null,
        share: null,
        pace: 7,
        overAt: null,
      },
    ]);
    const two = (await rig.call('GET', '/v1/totals?limit=2')).json.items;
    expect(two.map((item: { clientId: string }) => item.clientId)).toEqual(['near', 'big']);
  });

  test('equal the rolling totals that their usage shows', async () => {
    const { items } = (await rig.call('GET', '/v1/totals')).json;
    for (const { clientId, total } of items) {
      const path = `/v1/clients/${clientId}/usage?step=minute&from=2026-03-02T12:00:00Z&to=2026-03-02T12:01:00Z`;
      expect((await rig.call('GET', path)).json.points.at(-1).total, clientId).toBe(total);
    }
  });
});
