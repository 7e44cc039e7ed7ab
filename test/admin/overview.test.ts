import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { type ApiRig, apiRig } from './api-rig.ts';
import { addClients, billAndSort, drawMinutes, type ServedMinute, serveMinutes } from './seeded-clients.ts';

const MINUTE_MS = 60_000;
const NOW_MS = Date.UTC(2026, 2, 2, 12, 0, 30);
const CLIENTS = 90;
/** A third of the clients are over or near this. */
const THRESHOLD = 9_000;
const idOf = (n: number) => `c${String(n).padStart(3, '0')}`;

describe.each(LEDGER_KINDS)('the overview, over %s', (kind) => {
  let rig: ApiRig;
  let served: ServedMinute[];
  beforeAll(async () => {
    rig = await apiRig(kind, 'admin-overview');
    rig.nowMs = NOW_MS - 60 * 1_440 * MINUTE_MS;
    const terms = { threshold: THRESHOLD };
    const changed = await rig.call('POST', '/v1/tariffs', { json: { terms, reason: 'test' } });
    expect(changed.status).toBe(201);
    rig.nowMs = NOW_MS;
  });
  afterAll(() => rig.close());

  const overview = async () => (await rig.call('GET', '/v1/overview')).json;
  const dayOf = (id: string) =>
    served
      .filter(({ clientId, atMs }) => clientId === id && atMs > NOW_MS - 1_440 * MINUTE_MS)
      .reduce((sum, { posts }) => sum + posts, 0);

  test('of an empty ledger is 0', async () => {
    const { json, status } = await rig.call('GET', '/v1/overview', { token: await rig.tokenWith('viewer') });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      asOf: '2026-03-02T12:00:30Z',
      rates: { postsPerSecond: 0, requestsPerSecond: 0 },
      counts: { over: 0, near: 0 },
      near: [],
      drafts: [],
      uncounted: { since: '2026-03-01T13:00:00Z', responses: 0, of: 0, share: null },
      health: {
        problems: [],
        clientsOnHold: 0,
        isAllOnHold: false,
        crossCheck: { responses: 0, differs: 0 },
      },
    });
    expect(json.rates.series).toHaveLength(60);
  });

  test('has figures that equal brute-force sums over minutes', async () => {
    await addClients(
      rig,
      Array.from({ length: CLIENTS }, (_, n) => ({ id: idOf(n), name: `Client ${n}` })),
    );
    served = Array.from({ length: CLIENTS }, (_, n) => drawMinutes(idOf(n), NOW_MS, 2_000, n)).flat();
    await serveMinutes(rig, served);
    await billAndSort(rig, NOW_MS);

    const shown = await overview();
    const totals = Array.from({ length: CLIENTS }, (_, n) => dayOf(idOf(n)));
    expect(shown.counts).toEqual({
      over: totals.filter((total) => total > THRESHOLD).length,
      near: totals.filter((total) => total >= 0.8 * THRESHOLD && total <= THRESHOLD).length,
    });
    expect(shown.counts.over).toBeGreaterThan(2);
    expect(shown.near.map(({ now }: { now: { total: number } }) => now.total)).toEqual(
      totals.toSorted((a, b) => b - a).slice(0, 20),
    );
    for (const { id, now } of shown.near) expect(now.total, id).toBe(dayOf(id));

    const minuteOf = (at: string) => served.filter(({ atMs }) => atMs === Date.parse(at));
    for (const { at, posts, requests } of shown.rates.series) {
      expect(posts, at).toBe(minuteOf(at).reduce((sum, one) => sum + one.posts, 0));
      expect(requests, at).toBe(minuteOf(at).reduce((sum, one) => sum + one.requests, 0));
    }
    const last = shown.rates.series.at(-1);
    expect(last.at).toBe('2026-03-02T11:59:00Z');
    expect(shown.rates.postsPerSecond).toBeCloseTo(last.posts / 60, 2);

    const invoices = (await rig.call('GET', '/v1/invoices?limit=1000')).json.items;
    const cents = invoices.reduce(
      (sum: number, { amount }: { amount: string }) => sum + Number(amount) * 100,
      0,
    );
    expect(shown.drafts).toEqual([
      { currency: 'USD', amount: (Math.round(cents) / 100).toFixed(2), invoices: invoices.length },
    ]);
  });

  test('shows a client that crosses before the order of lists is renewed', async () => {
    const { counts } = await overview();
    const posts = THRESHOLD * 9;
    await rig.call('POST', '/v1/clients', { json: { id: 'sudden', name: 'Sudden' } });
    await serveMinutes(rig, [
      { clientId: 'sudden', atMs: NOW_MS - 30_000, posts, requests: 3, uncounted: 0 },
    ]);
    const shown = await overview();
    expect(shown.near[0]).toMatchObject({ id: 'sudden', now: { total: posts, share: 9, overAt: null } });
    expect(shown.counts).toEqual({ ...counts, over: counts.over + 1 });
    await billAndSort(rig, NOW_MS + MINUTE_MS);
    expect((await overview()).near[0].now).toMatchObject({ overAt: '2026-03-02T12:00:00Z', breach: 'open' });
  });

  test('shows what could not be counted, holds, and failed checks', async () => {
    // Counts belong to the hour of the report before them, and old hours are removed.
    rig.nowMs = Date.now();
    await overview();
    const { routes } = rig.tally;
    routes.of('/posts').ended('counted', 20, 1_000);
    routes.of('/posts').ended('truncated', 0, 10);
    rig.tally.crossCheck('/posts', false);
    await rig.call('POST', '/v1/clients/sudden/hold', { json: { reason: 'disputed' } });
    rig.warnings.window = async () => 'the window store is unreachable';
    const { uncounted, health } = await overview();
    expect(uncounted).toMatchObject({ responses: 1, of: 2, share: 0.5 });
    expect(health).toMatchObject({
      problems: [{ field: 'window', reason: 'the window store is unreachable' }],
      clientsOnHold: 1,
      isAllOnHold: false,
      crossCheck: { responses: 1, differs: 1 },
    });
  });
});
