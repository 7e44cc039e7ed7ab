/**
 * What survives: SIGKILL under load, a PostgreSQL that is away, a Redis that comes back empty. Always: posts in
 * responses that clients received whole <= posts in the ledger <= posts that the origin sent.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../services/fresh-database.ts';
import { startPostgres } from '../services/postgres.ts';
import { startRedis, type TestRedis } from '../services/redis.ts';
import { addClients, metricOf, usageOf } from './accounts.ts';
import { ask, remainingOf } from './ask.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts';
import { allReceived, type Load, type PostsOrigin, startLoad, startPostsOrigin, type Taker } from './load.ts';

/** Processes start several times here, each with a ledger to open, and the machine may be busy. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const CONFIG = { routes: [{ path: '/posts', posts: [{ json: '$.data[*]' }] }] };
const THRESHOLD = 1_000_000;
const CLIENTS = ['alpha', 'beta', 'gamma'];
const ROUNDS = 2;
const LONGEST_LIFE_MS = 400;

const within = { timeout: 20_000, interval: 100 };

async function takersOf(gateways: readonly GatewayProcess[]): Promise<Taker[]> {
  const keys = await addClients(gateways, CLIENTS);
  return CLIENTS.map((clientId) => ({
    clientId,
    headers: { authorization: `Bearer ${keys.get(clientId)}` },
  }));
}

async function postsOf(gateway: GatewayProcess): Promise<Map<string, number>> {
  const posts = CLIENTS.map(async (id) => [id, (await usageOf(gateway, id)).posts] as const);
  return new Map(await Promise.all(posts));
}

describe.each(['embedded', 'servers'] as const)('SIGKILL under load: %s', (kind) => {
  let origin: PostsOrigin;
  let database: FreshDatabase | undefined;
  let redis: TestRedis | undefined;
  let gateway: GatewayProcess;
  let takers: Taker[];
  let dataDir: string | undefined;

  const start = (): Promise<GatewayProcess> =>
    startGatewayProcess({
      upstream: origin.url,
      config: CONFIG,
      env: { ...(database && { DATABASE_URL: database.url }), ...(redis && { REDIS_URL: redis.url }) },
      ...(dataDir === undefined ? {} : { dataDir }),
    });
  const load = (): Load => startLoad({ takers, gateways: () => [gateway.url] });

  beforeAll(async () => {
    origin = await startPostsOrigin();
    if (kind === 'servers') {
      database = await freshDatabase('sigkill');
      redis = await startRedis();
    }
    gateway = await start();
    dataDir = gateway.dataDir;
    takers = await takersOf([gateway]);
  });

  afterAll(async () => {
    await gateway?.stop();
    await origin?.stop();
    await redis?.stop();
    await database?.drop();
  });

  it('the ledger lies between what clients received and what the origin sent', async () => {
    const loads: Load[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const running = load();
      loads.push(running);
      await expect.poll(() => running.responses(), { interval: 5 }).toBeGreaterThan(5);
      await sleep(Math.random() * LONGEST_LIFE_MS);
      await gateway.kill();
      await running.stop();
      gateway = await start();
    }
    // A clean stop ships all that the journal held, and the next start finds nothing left to replay.
    expect(await gateway.stop(true)).toBe(0);
    gateway = await start();
    const ledger = await postsOf(gateway);
    for (const [clientId, received] of allReceived(loads)) {
      expect(received).toBeGreaterThan(0);
      expect(ledger.get(clientId), clientId).toBeGreaterThanOrEqual(received);
      expect(ledger.get(clientId), clientId).toBeLessThanOrEqual(origin.sent.get(clientId)!);
    }
  });

  it('after a clean stop it is exact, whatever was replayed before', async () => {
    const before = await postsOf(gateway);
    const running = load();
    await expect.poll(() => running.responses(), { interval: 10 }).toBeGreaterThan(100);
    await running.stop();
    expect(running.failed).toEqual([]);
    for (let restart = 0; restart < 2; restart++) {
      expect(await gateway.stop(true)).toBe(0);
      gateway = await start();
      for (const [clientId, posts] of await postsOf(gateway)) {
        expect(posts - before.get(clientId)!, clientId).toBe(running.received.get(clientId));
      }
    }
    // The window was rebuilt from that ledger, or kept beside it.
    for (const { clientId, headers = {} } of takers) {
      const total = (await postsOf(gateway)).get(clientId)!;
      await expect
        .poll(async () => THRESHOLD - remainingOf(await ask(gateway.url, '/no-posts', { headers })), within)
        .toBe(total);
    }
  });
});

describe('what the gateway leans on goes away', () => {
  it('PostgreSQL: clients are served, and everything arrives later, once', async () => {
    const origin = await startPostsOrigin();
    const postgres = await startPostgres();
    const gateway = await startGatewayProcess({
      upstream: origin.url,
      config: CONFIG,
      env: { DATABASE_URL: postgres.url },
    });
    try {
      const takers = await takersOf([gateway]);
      const load = startLoad({ takers, gateways: () => [gateway.url], each: 1 });
      await servesOn(load);
      await postgres.crash();
      await expect.poll(() => metricOf(gateway, 'postmeter_ledger_reachable'), within).toBe(0);
      await servesOn(load);
      expect((await ask(gateway.adminUrl, '/readyz')).status).toBe(503);
      expect(await metricOf(gateway, 'postmeter_journal_unconfirmed_records')).toBeGreaterThan(0);
      await postgres.revive();
      await expect.poll(() => metricOf(gateway, 'postmeter_ledger_reachable'), within).toBe(1);
      await servesOn(load);
      await load.stop();
      expect(load.failed).toEqual([]);
      await expect.poll(() => postsOf(gateway), within).toEqual(load.received);
      expect((await ask(gateway.adminUrl, '/readyz')).status).toBe(200);
      expect(await gateway.stop(true)).toBe(0);
    } finally {
      await gateway.stop();
      await origin.stop();
      await postgres.stop();
    }
  });

  it('Redis, back empty: clients are served, totals are rebuilt, the ledger is exact', async () => {
    const origin = await startPostsOrigin();
    const redis = await startRedis();
    const database = await freshDatabase('redis_lost');
    const options = {
      upstream: origin.url,
      config: CONFIG,
      env: { DATABASE_URL: database.url, REDIS_URL: redis.url },
    };
    const gateways = await Promise.all([startGatewayProcess(options), startGatewayProcess(options)]);
    try {
      const takers = await takersOf(gateways);
      const load = startLoad({ takers, gateways: () => gateways.map(({ url }) => url), each: 1 });
      const degraded = () =>
        Promise.all(gateways.map((gateway) => metricOf(gateway, 'postmeter_window_store_degraded')));
      await expect.poll(degraded, within).toEqual([0, 0]);
      await servesOn(load);
      await redis.crash();
      await expect.poll(degraded, within).toEqual([1, 1]);
      await servesOn(load);
      await redis.revive();
      await expect.poll(degraded, within).toEqual([0, 0]);
      await servesOn(load);
      await load.stop();
      expect(load.failed).toEqual([]);
      await expect.poll(() => postsOf(gateways[0]!), within).toEqual(load.received);
      for (const gateway of gateways) {
        for (const { clientId, headers = {} } of takers) {
          await expect
            .poll(
              async () => THRESHOLD - remainingOf(await ask(gateway.url, '/no-posts', { headers })),
              within,
            )
            .toBe(load.received.get(clientId));
        }
      }
    } finally {
      await Promise.all(gateways.map((gateway) => gateway.stop()));
      await origin.stop();
      await redis.stop();
      await database.drop();
    }
  });

  /** So many more responses have been received whole. */
  async function servesOn(load: Load, responses = 50): Promise<void> {
    const before = load.responses();
    await expect
      .poll(() => load.responses(), { timeout: 10_000, interval: 10 })
      .toBeGreaterThan(before + responses);
  }
});
