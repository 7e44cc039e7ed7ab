/**
 * The gateway dies at any moment under load. Always: posts in responses that clients received whole <= posts in the
 * ledger <= posts that the origin sent; and exact equality where nothing was cut.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addClients, usageOf } from '../e2e/accounts.ts';
import { ask, remainingOf } from '../e2e/ask.ts';
import { type GatewayProcess, startGatewayProcess } from '../e2e/gateway-process.ts';
import { until } from '../e2e/until.ts';
import { misfits, postsInLedger } from './books.ts';
import { gatewayHalted, gatewayKilled } from './faults.ts';
import { allReceived, type Load, startLoad, type Taker } from './load.ts';
import { type PostsOrigin, startPostsOrigin } from './posts-origin.ts';
import { strikeInTurn } from './rounds.ts';
import { chanceFor } from './seed.ts';
import { ROUTES, type Site, startSite } from './site.ts';

const THRESHOLD = 1_000_000;
const CLIENTS = ['alpha', 'beta', 'gamma'];
const LONGEST_LIFE_MS = 400;
const chance = chanceFor('sigkill');

/** The window was rebuilt from the ledger, or kept beside it. */
async function expectTotals(url: string, takers: readonly Taker[], ledger: ReadonlyMap<string, number>) {
  for (const { clientId, headers = {}, localAddress } of takers) {
    const options = { headers, ...(localAddress === undefined ? {} : { localAddress }) };
    await expect
      .poll(async () => THRESHOLD - remainingOf(await ask(url, '/no-posts', options)), {
        timeout: 20_000,
        interval: 100,
      })
      .toBe(ledger.get(clientId));
  }
}

describe('with PostgreSQL and Redis', () => {
  const rounds = 20;
  let site: Site;

  beforeAll(async () => {
    site = await startSite({ gateways: 1, clients: CLIENTS });
  });

  afterAll(async () => {
    await site?.stop();
  });

  it('what clients break off is counted as far as they had it', async () => {
    const load = site.load({ aborted: 0.3 });
    await until('enough was broken off', () => [...load.inParts.values()].every((posts) => posts > 20));
    await load.stop();
    expect(load.failed).toEqual([]);
    expect(await site.gateways[0]!.stop(true)).toBe(0);
    await site.restart(0);
    const ledger = await postsInLedger(site.databaseUrl);
    for (const [clientId, whole] of load.received) {
      const parts = load.inParts.get(clientId)!;
      expect(ledger.get(clientId), clientId).toBeGreaterThanOrEqual(whole + parts);
      expect(ledger.get(clientId), clientId).toBeLessThanOrEqual(site.origin.sent.get(clientId)!);
    }
  });

  it(`killed ${rounds} times, the ledger lies between what was received and what was sent`, async () => {
    const load = site.load({ aborted: 0.05 });
    await until('the load is on', () => load.responses() > 50);
    const faults = Array.from({ length: rounds }, () => gatewayKilled);
    await strikeInTurn({ site, load, chance, faults, longestMs: LONGEST_LIFE_MS });
    await load.stop();
    // A clean stop ships all that the journal held, and the next start finds nothing left to replay.
    expect(await site.gateways[0]!.stop(true)).toBe(0);
    await site.restart(0);
    expect(await misfits(site, 'between')).toEqual([]);
  });

  it('halted, nobody is cut; after clean stops it is exact, whatever was replayed before', async () => {
    const before = await postsInLedger(site.databaseUrl);
    const load = site.load();
    await until('the load is on', () => load.responses() > 100);
    const faults = [gatewayHalted, gatewayHalted, gatewayHalted];
    await strikeInTurn({ site, load, chance, faults, longestMs: 2_500 });
    await load.stop();
    expect(load.failed).toEqual([]);
    for (let restart = 0; restart < 2; restart++) {
      expect(await site.gateways[0]!.stop(true)).toBe(0);
      await site.restart(0);
      for (const [clientId, posts] of await postsInLedger(site.databaseUrl)) {
        expect(posts - before.get(clientId)!, clientId).toBe(load.received.get(clientId));
      }
    }
    await expectTotals(site.gateways[0]!.url, site.takers, await postsInLedger(site.databaseUrl));
  });
});

describe('with the embedded ledger', () => {
  const rounds = 5;
  const loads: Load[] = [];
  let origin: PostsOrigin;
  let gateway: GatewayProcess;
  let dataDir: string | undefined;
  let takers: Taker[];

  const start = (): Promise<GatewayProcess> =>
    startGatewayProcess({
      upstream: origin.url,
      config: { routes: ROUTES },
      ...(dataDir === undefined ? {} : { dataDir }),
    });
  const load = (): Load => {
    const running = startLoad({ takers, gateways: () => [gateway.url] });
    loads.push(running);
    return running;
  };
  const postsOf = async (): Promise<Map<string, number>> =>
    new Map(await Promise.all(CLIENTS.map(async (id) => [id, (await usageOf(gateway, id)).posts] as const)));

  beforeAll(async () => {
    origin = await startPostsOrigin();
    gateway = await start();
    dataDir = gateway.dataDir;
    const keys = await addClients([gateway], CLIENTS);
    takers = CLIENTS.map((clientId) => ({
      clientId,
      headers: { authorization: `Bearer ${keys.get(clientId)}` },
    }));
  });

  afterAll(async () => {
    await gateway?.stop();
    await origin?.stop();
  });

  it(`killed ${rounds} times, the ledger lies between what was received and what was sent`, async () => {
    for (let round = 0; round < rounds; round++) {
      const running = load();
      await until('the load is on', () => running.responses() > 5, { intervalMs: 5 });
      await sleep(chance.between(0, LONGEST_LIFE_MS));
      await gateway.kill();
      await running.stop();
      gateway = await start();
    }
    expect(await gateway.stop(true)).toBe(0);
    gateway = await start();
    const ledger = await postsOf();
    for (const [clientId, received] of allReceived(loads)) {
      expect(received).toBeGreaterThan(0);
      expect(ledger.get(clientId), clientId).toBeGreaterThanOrEqual(received);
      expect(ledger.get(clientId), clientId).toBeLessThanOrEqual(origin.sent.get(clientId)!);
    }
  });

  it('after clean stops it is exact, whatever was replayed before', async () => {
    const before = await postsOf();
    const running = load();
    await until('the load is on', () => running.responses() > 100);
    await running.stop();
    expect(running.failed).toEqual([]);
    for (let restart = 0; restart < 2; restart++) {
      expect(await gateway.stop(true)).toBe(0);
      gateway = await start();
      for (const [clientId, posts] of await postsOf()) {
        expect(posts - before.get(clientId)!, clientId).toBe(running.received.get(clientId));
      }
    }
    await expectTotals(gateway.url, takers, await postsOf());
  });
});
