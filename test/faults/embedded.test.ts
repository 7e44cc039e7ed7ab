/** Like `sigkill.test.ts`, but the ledger is embedded and dies with the gateway. */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addClients, usageOf } from '../support/gateway/accounts.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { type PostsOrigin, startPostsOrigin } from '../support/origins/posts.ts';
import { until } from '../support/until.ts';
import { allReceived, type Load, startLoad, type Taker } from './load.ts';
import { quarterInCi } from './rounds.ts';
import { chanceFor } from './seed.ts';
import { ROUTES } from './site.ts';
import { expectTotals } from './totals.ts';

const CLIENTS = ['alpha', 'beta', 'gamma'];
const MAX_LIFE_MS = 400;
const chance = chanceFor('embedded');

describe('the gateway with the embedded ledger', () => {
  const rounds = quarterInCi(5);
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

  it(`the ledger is between the received and the sent posts after ${rounds} kills`, async () => {
    for (let round = 0; round < rounds; round++) {
      const running = load();
      await until('the load runs', () => running.responses() > 5, { intervalMs: 5 });
      await sleep(chance.between(0, MAX_LIFE_MS));
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

  it('is exact after clean stops, whatever was replayed before', async () => {
    const before = await postsOf();
    const running = load();
    await until('the load runs', () => running.responses() > 100);
    await running.stop();
    expect(running.failed).toEqual([]);
    for (let restart = 0; restart < 2; restart++) {
      expect(await gateway.stop(true)).toBe(0);
      gateway = await start();
      for (const [clientId, posts] of await postsOf()) {
        expect(posts - before.get(clientId)!, clientId).toBe(running.received.get(clientId));
      }
    }
    await expectTotals([gateway.url], takers, await postsOf());
  });
});
