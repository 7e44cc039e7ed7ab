/**
 * PostgreSQL is unreachable for a minute (15 s in CI). The Worker continues to serve, and the ledger has all usage
 * afterwards, once.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type EdgeSite, startEdgeSite } from '../edge/site.ts';
import { until } from '../support/until.ts';
import { misfits } from './books.ts';
import { quarterInCi } from './rounds.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const AWAY_MS = quarterInCi(60_000);
/** Objects retry the ledger by alarm, with a pause that grows to a minute. */
const HEALING = { timeout: 90_000, interval: 250 };

let site: EdgeSite;
beforeAll(async () => {
  site = await startEdgeSite({ clients: ['alpha', 'beta', 'gamma'] });
});
afterAll(() => site?.stop());

it(`continues to serve while PostgreSQL is unreachable for ${AWAY_MS / 1000} s, and ships everything afterwards, once`, async () => {
  const load = site.load({ each: 1, pauseMs: 50 });
  await until('the load runs', () => load.responses() > 10);
  await site.network.refuse();
  const responses = load.responses();
  await sleep(AWAY_MS);
  expect(load.responses()).toBeGreaterThan(responses + 100);
  await site.network.heal();
  await load.stop();
  expect(load.failed).toEqual([]);
  await vi.waitFor(async () => expect(await misfits(site, 'exact')).toEqual([]), HEALING);
  await site.ledgerAtRest();
  expect(await misfits(site, 'exact')).toEqual([]);
});
