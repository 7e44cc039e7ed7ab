/**
 * Redis fails in every possible way under load. No client notices, the ledger is exact, and in the end every gateway
 * knows every total again.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { metricOf } from '../support/gateway/accounts.ts';
import { until } from '../support/until.ts';
import { postsInLedger } from './books.ts';
import { REDIS_FAULTS, redisHalted, redisKilled } from './faults.ts';
import type { Load } from './load.ts';
import { crash } from './processes.ts';
import { quarterInCi, strikeInTurn } from './rounds.ts';
import { chanceFor } from './seed.ts';
import { type Site, startSite } from './site.ts';
import { expectTotals } from './totals.ts';
import { underLoad } from './under-load.ts';

const ROUNDS = quarterInCi(20);
const chance = chanceFor('redis');
let site: Site;

beforeAll(async () => {
  site = await startSite({ gateways: 2, clients: ['alpha', 'beta', 'gamma'] });
});

afterAll(async () => {
  await site?.stop();
});

/** Runs the faults under load. Afterwards every gateway must know every total. */
async function rebuiltUnderLoad(run: (load: Load) => Promise<void>): Promise<void> {
  await underLoad(site, run);
  const urls = site.gateways.map(({ url }) => url);
  await expectTotals(urls, site.takers, await postsInLedger(site.databaseUrl));
}

describe('Redis', () => {
  it('can be unreachable, then back empty: each gateway reports it and rebuilds the totals', async () => {
    const degraded = (): Promise<number[]> =>
      Promise.all(site.gateways.map((gateway) => metricOf(gateway, 'postmeter_window_store_degraded')));
    await rebuiltUnderLoad(async (load) => {
      const servesOn = async () => {
        const before = load.responses();
        await until('clients are served', () => load.responses() > before + 50);
      };
      await until('the gateways know the totals', async () => `${await degraded()}` === '0,0');
      await crash(site.redis);
      await until('the gateways report that they do not', async () => `${await degraded()}` === '1,1');
      await servesOn();
      await site.redis.revive();
      await until('the gateways know them again', async () => `${await degraded()}` === '0,0');
      await servesOn();
    });
  });

  it(`can be killed ${ROUNDS} times at random moments`, async () => {
    const faults = Array.from({ length: ROUNDS }, () => redisKilled);
    await rebuiltUnderLoad((load) => strikeInTurn({ site, load, chance, faults, maxMs: 300 }));
  });

  it('can be halted, flushed, full, read-only, paused, and behind a network that fails in every way', async () => {
    const faults = chance.shuffled([redisHalted, redisHalted, ...REDIS_FAULTS, ...REDIS_FAULTS]);
    await rebuiltUnderLoad((load) => strikeInTurn({ site, load, chance, faults, maxMs: 800 }));
  });

  it('can be halted until every command fails', async () => {
    await rebuiltUnderLoad(async (load) => {
      const undo = await redisHalted.strike(site, chance);
      await sleep(4_000).finally(undo);
      const before = load.responses();
      await until('clients are served', () => load.responses() > before);
    });
  });
});
