/** Runs faults under load on a site that must survive them: every client is served, and the ledger is exact. */

import { expect } from 'vitest';
import { until } from '../support/until.ts';
import { misfits } from './books.ts';
import type { Load } from './load.ts';
import type { Site } from './site.ts';

/** Runs the faults under load, then waits for recovery. Every request must have been answered whole. */
export async function underLoad(site: Site, run: (load: Load) => Promise<void>): Promise<void> {
  const load = site.load({ each: 1, pauseMs: 20 });
  await until('the load runs', () => load.responses() > 50);
  await run(load);
  await load.stop();
  expect(load.failed).toEqual([]);
  await site.healed();
  expect(await misfits(site, 'exact')).toEqual([]);
}
