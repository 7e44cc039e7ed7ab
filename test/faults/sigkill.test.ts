/**
 * The gateway is killed at random moments under load. Posts in whole responses <= posts in the ledger <= posts that
 * the origin sent, and all are equal if no response was cut.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { misfits, postsInLedger } from './books.ts';
import { gatewayHalted, gatewayKilled } from './faults.ts';
import { quarterInCi, strikeInTurn } from './rounds.ts';
import { chanceFor } from './seed.ts';
import { type Site, startSite } from './site.ts';
import { expectTotals } from './totals.ts';

const CLIENTS = ['alpha', 'beta', 'gamma'];
const MAX_LIFE_MS = 400;
/** A kill, a start and the replay take 3 s. The rest allows for a busy machine. */
const ROUND_TIMEOUT_MS = 20_000;
const chance = chanceFor('sigkill');

describe('the gateway', () => {
  const rounds = quarterInCi(50);
  let site: Site;

  beforeAll(async () => {
    site = await startSite({ gateways: 1, clients: CLIENTS });
  });

  afterAll(async () => {
    await site?.stop();
  });

  it('aborted responses are counted as far as clients received them', async () => {
    const load = site.load({ aborted: 0.3 });
    await until('enough responses were aborted', () =>
      [...load.inParts.values()].every((posts) => posts > 20),
    );
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

  it(
    `the ledger is between the received and the sent posts after ${rounds} kills`,
    async () => {
      const load = site.load({ aborted: 0.05 });
      await until('the load runs', () => load.responses() > 50);
      const faults = Array.from({ length: rounds }, () => gatewayKilled);
      await strikeInTurn({ site, load, chance, faults, maxMs: MAX_LIFE_MS });
      await load.stop();
      // A clean stop ships everything in the journal, and the next start finds nothing to replay.
      expect(await site.gateways[0]!.stop(true)).toBe(0);
      await site.restart(0);
      expect(await misfits(site, 'between')).toEqual([]);
    },
    rounds * ROUND_TIMEOUT_MS,
  );

  it('while it is halted no client is cut; after clean stops it is exact, whatever was replayed', async () => {
    const before = await postsInLedger(site.databaseUrl);
    const load = site.load();
    await until('the load runs', () => load.responses() > 100);
    const faults = [gatewayHalted, gatewayHalted, gatewayHalted];
    await strikeInTurn({ site, load, chance, faults, maxMs: 2_500 });
    await load.stop();
    expect(load.failed).toEqual([]);
    for (let restart = 0; restart < 2; restart++) {
      expect(await site.gateways[0]!.stop(true)).toBe(0);
      await site.restart(0);
      const ledger = await postsInLedger(site.databaseUrl);
      for (const [clientId, received] of load.received) {
        expect(ledger.get(clientId)! - before.get(clientId)!, clientId).toBe(received);
      }
    }
    await expectTotals([site.gateways[0]!.url], site.takers, await postsInLedger(site.databaseUrl));
  });
});
