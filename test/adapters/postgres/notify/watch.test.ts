import { v7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { adminStore } from '../../../../src/adapters/postgres/admin/store.ts';
import { watchLevels, writeConditions } from '../../../../src/adapters/postgres/notify/watch.ts';
import { postgresUsageLedger } from '../../../../src/adapters/postgres/usage/ledger.ts';
import { ROUTE_CONDITIONS, routeEvent } from '../../../../src/notify/route-conditions.ts';
import { DEFAULT_TARIFF } from '../../../../src/tariff/tariff.ts';
import { LEDGER_KINDS } from '../empty-ledger.ts';
import { type AlertsRig, alertsRig, PAGE, START_MS } from './alerts-rig.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe.each(LEDGER_KINDS)('the watch on %s', (kind) => {
  let rig: AlertsRig;
  let client: string;
  let nowMs: number;
  beforeAll(async () => {
    rig = await alertsRig(kind, `watch-${kind}`);
  });
  afterAll(() => rig.empty.drop());
  beforeEach(async () => {
    client = v7();
    nowMs = START_MS;
    const who = { actor: 'operator', atMs: START_MS };
    const store = adminStore(rig.empty.ledger.db);
    await store.createClient({ id: client, name: 'ACME', billing: {} }, who);
    const tariff = { ...DEFAULT_TARIFF, threshold: 1_000 };
    const validFromMs = START_MS - 48 * HOUR_MS;
    await store.addTariffVersion(
      { id: v7(), clientId: client, tariff, reason: 'x', validFromMs, supersedes: null },
      who,
    );
  });

  let sequence = 0;
  const journalId = v7();
  async function serve(posts: number, atMs = nowMs): Promise<void> {
    sequence++;
    const bucketMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
    const usage = [
      {
        clientId: client,
        identifierId: 'key',
        bucketMs,
        posts,
        requests: 1,
        refused: 0,
        bytes: 1,
        uncounted: 0,
      },
    ];
    const batch = { journalId, firstSequence: sequence, lastSequence: sequence, usage };
    await postgresUsageLedger(rig.empty.ledger.db).take(batch);
  }
  const watch = (db = rig.empty.ledger.db) => watchLevels(db, 'recent', nowMs, 60);
  const told = async () =>
    (await rig.store.events({ clientId: client, type: 'client.*' }, PAGE)).items
      .map(({ type }) => type.replace('client.', ''))
      .reverse();

  test('tells each level once while the total rises, and again after it fell back', async () => {
    await serve(800);
    await watch();
    expect(await told()).toEqual([]);
    await serve(1);
    await watch();
    await watch();
    expect(await told()).toEqual(['threshold_80']);
    await serve(400);
    await watch();
    expect(await told()).toEqual(['threshold_80', 'threshold_95', 'crossed']);
    nowMs += 24 * HOUR_MS;
    await watch();
    await serve(900);
    await watch();
    expect(await told()).toEqual(['threshold_80', 'threshold_95', 'crossed', 'fell_back', 'threshold_80']);
    const { items } = await rig.store.events({ clientId: client, type: 'client.crossed' }, PAGE);
    expect(items).toMatchObject([
      {
        subject: `clients/${client}`,
        data: { name: 'ACME', total: 1_201, threshold: 1_000, percent: 120.1 },
      },
    ]);
    expect((await rig.store.levelsOf(client))!.reached).toEqual([{ level: 80, sinceMs: nowMs }]);
  });

  test('late usage of a client without recent requests is found by the look at all clients', async () => {
    await serve(2_000, nowMs - HOUR_MS);
    await watch();
    expect(await told()).toEqual([]);
    await watchLevels(rig.empty.ledger.db, 'all', nowMs, 60);
    expect(await told()).toHaveLength(3);
  });

  test('two processes that look at once tell once', async () => {
    const other = await rig.empty.another();
    await serve(2_000);
    await Promise.all([watch(), watch(other.db), watch(), watch(other.db)]);
    expect(await told()).toEqual(['threshold_80', 'threshold_95', 'crossed']);
  });

  test("a client's own levels apply to it, and a client without a threshold is forgotten", async () => {
    const who = { actor: 'operator', atMs: nowMs };
    await rig.store.setLevels(client, [50], who);
    await serve(2_000);
    await watch();
    expect(await told()).toEqual(['threshold_50']);
    const exempt = { id: v7(), clientId: client, tariff: { kind: 'exempt' } as const, reason: 'x' };
    const validFromMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
    await adminStore(rig.empty.ledger.db).addTariffVersion({ ...exempt, validFromMs, supersedes: null }, who);
    await watch();
    expect(await told()).toEqual(['threshold_50']);
    expect((await rig.store.levelsOf(client))!.reached).toEqual([]);
  });

  test('the condition of a route is told once, until it ends', async () => {
    const { db } = rig.empty.ledger;
    const route = `/${client}`;
    const stopped = routeEvent('route.stopped', route, nowMs, { postsPerResponse: 0 });
    const ended = (type: string, subject: string) => routeEvent(type, subject.slice('routes/'.length), nowMs);
    const other = await rig.empty.another();
    const write = (raised: (typeof stopped)[], by = db) =>
      writeConditions(by, ROUTE_CONDITIONS, raised, ended);
    await Promise.all([write([stopped]), write([stopped], other.db)]);
    await write([stopped]);
    await write([]);
    await write([]);
    await write([stopped]);
    await write([]);
    const { items } = await rig.store.events({ subject: `routes/${route}` }, PAGE);
    expect(items.map(({ type }) => type).reverse()).toEqual([
      'route.stopped',
      'route.recovered',
      'route.stopped',
      'route.recovered',
    ]);
    expect(items[0]!.data).toEqual({ route });
  });
});
