/** The runtime is killed under load in both durabilities. The ledger has what was served, and nothing else. */

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type EdgeSite, startEdgeSite } from '../edge/site.ts';
import { until } from '../support/until.ts';
import { misfits } from './books.ts';
import { quarterInCi } from './rounds.ts';
import { type Chance, chanceFor } from './seed.ts';

vi.setConfig({ testTimeout: 180_000 });

const CLIENTS = ['alpha', 'beta', 'gamma'];
/** Many lives are shorter than the time for which an object gathers usage, and some end while an alarm ships it. */
const MAX_LIFE_MS = 600;
/** A page of some 250 KB. The last 64 KB of a body are sent at once, after all of it is metered. */
const LARGE_PAGE = 20_000;
const KILLS = quarterInCi(10);
const chance = chanceFor('workerd');

it(`the ledger is between the received and the sent posts after ${KILLS} kills under load`, async () => {
  const site = await siteOf();
  await killUnderLoad(site, chance, KILLS);
  // The clients send no more requests. The alarms of the dead runtime ship what their objects still hold.
  const ledger = await site.ledgerAtRest();
  expect(await misfits(site, 'between')).toEqual([]);
  // Restarted objects offer nothing twice.
  await site.worker.kill();
  await site.worker.restart();
  await site.serves();
  expect(await site.ledgerAtRest()).toEqual(ledger);
});

it('the ledger never exceeds the sent posts if kills hit usage that follows its response', async () => {
  const site = await siteOf({ edge: { durability: 'relaxed' } });
  await killUnderLoad(site, chance, quarterInCi(5));
  const last = site.load();
  await until('the load runs', () => last.responses() > 200, { intervalMs: 5 });
  await last.stop();
  const ledger = await site.ledgerAtRest();
  for (const { clientId } of site.takers) {
    // Kills lose an unknown amount. A life that is not killed loses nothing.
    expect(ledger.get(clientId), clientId).toBeGreaterThanOrEqual(last.received.get(clientId)!);
    expect(ledger.get(clientId), clientId).toBeLessThanOrEqual(site.origin.sent.get(clientId)!);
  }
});

it('aborted responses are counted as far as clients received them', async () => {
  const site = await siteOf();
  const leaving = site.load({ aborted: 0.3, largestPage: LARGE_PAGE });
  await until('enough responses were aborted', () =>
    [...leaving.inParts.values()].every((posts) => posts > 20),
  );
  await leaving.stop();
  expect(leaving.failed).toEqual([]);
  const left = site.load({ largestPage: LARGE_PAGE });
  await until('enough responses were cut', async () => {
    await sleep(chance.between(0, 30));
    site.upstream.cut();
    return [...left.inParts.values()].every((posts) => posts > 20);
  });
  await left.stop();
  const ledger = await site.ledgerAtRest();
  for (const { clientId } of site.takers) {
    const had = (load: typeof left) => load.received.get(clientId)! + load.inParts.get(clientId)!;
    expect(ledger.get(clientId), clientId).toBeGreaterThanOrEqual(had(leaving) + had(left));
    expect(ledger.get(clientId), clientId).toBeLessThanOrEqual(site.origin.sent.get(clientId)!);
  }
});

async function siteOf(config: Record<string, unknown> = {}): Promise<EdgeSite> {
  const site = await startEdgeSite({ clients: CLIENTS, config });
  onTestFinished(() => site.stop());
  return site;
}

async function killUnderLoad(site: EdgeSite, { between }: Chance, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const load = site.load();
    await until('the load runs', () => load.responses() > 10, { intervalMs: 5 });
    await sleep(between(0, MAX_LIFE_MS));
    await site.worker.kill();
    await load.stop();
    await site.worker.restart();
    await site.serves();
  }
}
