/** The runtime killed under load, and PostgreSQL away: what was served is in the ledger, once. */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { until } from '../e2e/until.ts';
import { misfits, postsInLedger } from '../faults/books.ts';
import { chanceFor } from '../faults/seed.ts';
import { type EdgeSite, startEdgeSite } from './site.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

const CLIENTS = ['alpha', 'beta', 'gamma'];
const ROUNDS = 10;
const LONGEST_LIFE_MS = 600;
const AWAY_MS = 60_000;
/** Objects try the ledger again by alarm, at a distance that grows. */
const HEALING = { timeout: 120_000, interval: 250 };
/** Longer than between two batches: what comes twice has come by then. */
const QUIET_MS = 5_000;

describe('the Worker', () => {
  const chance = chanceFor('workerd');
  let site: EdgeSite;
  beforeAll(async () => {
    site = await startEdgeSite(CLIENTS);
  });
  afterAll(() => site?.stop());

  it(`killed ${ROUNDS} times under load, the ledger lies between what was received and what was sent`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const load = site.load();
      await until('the load is on', () => load.responses() > 10, { intervalMs: 5 });
      await sleep(chance.between(0, LONGEST_LIFE_MS));
      await site.worker.kill();
      await load.stop();
      await site.worker.restart();
      await site.serves();
    }
    await vi.waitFor(async () => expect(await misfits(site, 'between')).toEqual([]), HEALING);
    await sleep(QUIET_MS);
    expect(await misfits(site, 'between')).toEqual([]);
  });

  it(`serves on while PostgreSQL is away for ${AWAY_MS / 1000} s, and hands everything on afterwards, once`, async () => {
    await settled(site);
    const before = await postsInLedger(site.databaseUrl);
    const receivedBefore = sumOf(site);
    const load = site.load({ each: 1, pauseMs: 50 });
    await until('the load is on', () => load.responses() > 10);
    await site.network.refuse();
    const responses = load.responses();
    await sleep(AWAY_MS);
    expect(load.responses()).toBeGreaterThan(responses + 100);
    await site.network.heal();
    await load.stop();
    expect(load.failed).toEqual([]);
    const gained = sumOf(site) - receivedBefore;
    const inLedger = async () => total(await postsInLedger(site.databaseUrl)) - total(before);
    await vi.waitFor(async () => expect(await inLedger()).toBe(gained), HEALING);
    await sleep(QUIET_MS);
    expect(await inLedger()).toBe(gained);
    expect(await misfits(site, 'between')).toEqual([]);
  });
});

/** Resolves when nothing has reached the ledger for a while: what killed runtimes left behind is there. */
async function settled(site: EdgeSite): Promise<void> {
  let before = -1;
  await until(
    'the ledger is at rest',
    async () => {
      const now = total(await postsInLedger(site.databaseUrl));
      const isSame = now === before;
      before = now;
      return isSame;
    },
    { timeoutMs: 60_000, intervalMs: QUIET_MS },
  );
}

function sumOf(site: EdgeSite): number {
  return site.loads.reduce((sum, load) => sum + total(load.received), 0);
}

function total(posts: ReadonlyMap<string, number>): number {
  return [...posts.values()].reduce((sum, one) => sum + one, 0);
}
