/** The runtime killed under load, in either durability: the ledger has what was served, and nothing that was not. */

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type EdgeSite, startEdgeSite } from '../edge/site.ts';
import { until } from '../support/until.ts';
import { misfits } from './books.ts';
import { quarterInCi } from './rounds.ts';
import { type Chance, chanceFor } from './seed.ts';

vi.setConfig({ testTimeout: 180_000 });

const CLIENTS = ['alpha', 'beta', 'gamma'];
/** Many are shorter than usage gathers in an object, and some end while an object's alarm hands it on. */
const MAX_LIFE_MS = 600;
/** Some 250 KB: the last 64 KB of a body go at once, when all of it is metered. */
const LARGE_PAGE = 20_000;
const KILLS = quarterInCi(10);
const chance = chanceFor('workerd');

it(`killed ${KILLS} times under load, the ledger lies between what was received and what was sent`, async () => {
  const site = await siteOf();
  await killUnderLoad(site, chance, KILLS);
  // Nobody asks for the clients any more: what their objects still hold goes by the alarms that the dead runtime set.
  const ledger = await site.ledgerAtRest();
  expect(await misfits(site, 'between')).toEqual([]);
  // Another life of the objects offers nothing twice.
  await site.worker.kill();
  await site.worker.restart();
  await site.serves();
  expect(await site.ledgerAtRest()).toEqual(ledger);
});

it('killed while usage goes behind the responses, the ledger has no more than what was sent', async () => {
  const site = await siteOf({ edge: { durability: 'relaxed' } });
  await killUnderLoad(site, chance, quarterInCi(5));
  const last = site.load();
  await until('the load is on', () => last.responses() > 200, { intervalMs: 5 });
  await last.stop();
  const ledger = await site.ledgerAtRest();
  for (const { clientId } of site.takers) {
    // What kills took, nobody can tell; of a life that goes on nothing is missing.
    expect(ledger.get(clientId), clientId).toBeGreaterThanOrEqual(last.received.get(clientId)!);
    expect(ledger.get(clientId), clientId).toBeLessThanOrEqual(site.origin.sent.get(clientId)!);
  }
});

it('what clients or the origin break off is counted as far as clients had it', async () => {
  const site = await siteOf();
  const leaving = site.load({ aborted: 0.3, largestPage: LARGE_PAGE });
  await until('enough was broken off', () => [...leaving.inParts.values()].every((posts) => posts > 20));
  await leaving.stop();
  expect(leaving.failed).toEqual([]);
  const left = site.load({ largestPage: LARGE_PAGE });
  await until('enough was cut', async () => {
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
    await until('the load is on', () => load.responses() > 10, { intervalMs: 5 });
    await sleep(between(0, MAX_LIFE_MS));
    await site.worker.kill();
    await load.stop();
    await site.worker.restart();
    await site.serves();
  }
}
