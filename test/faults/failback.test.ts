/**
 * The ledger loses its last seconds because an earlier copy replaces it. The journals offer the lost records again by
 * themselves, and the sums are exact.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metricOf } from '../support/gateway/accounts.ts';
import { until } from '../support/until.ts';
import { copyOf } from './backup.ts';
import { misfits, releaseRewinds, takenRecords } from './books.ts';
import type { Load } from './load.ts';
import { type Site, startSite } from './site.ts';
import { differences } from './verify.ts';

describe('a ledger that loses its last seconds', () => {
  let site: Site;
  /** Rewinds that held issuing. */
  let held = 0;

  beforeAll(async () => {
    site = await startSite({ gateways: 2, clients: ['alpha', 'beta', 'gamma'] });
  });

  afterAll(async () => {
    await site?.stop();
  });

  /** Waits until the ledger has taken `records` more records. */
  async function taken(records: number): Promise<number> {
    const before = await takenRecords(site.databaseUrl);
    return until('records are taken', async () => {
      const now = await takenRecords(site.databaseUrl);
      return now >= before + records && now;
    });
  }

  /** Returns the misfits after it releases the holds of rewinds, which only an operator ends. */
  async function releasedMisfits(): Promise<string[]> {
    held += await releaseRewinds(site);
    return misfits(site, 'exact');
  }

  async function exactAfter(load: Load): Promise<void> {
    await load.stop();
    expect(load.failed).toEqual([]);
    await site.healed();
    // A gateway with nothing new to ship notices the rewind at its next query.
    await expect.poll(releasedMisfits, { timeout: 60_000, interval: 200 }).toEqual([]);
    expect(held).toBeGreaterThan(0);
    expect(await differences(site)).toEqual([]);
  }

  it('is restored while gateways run', async () => {
    held = 0;
    const load = site.load({ each: 1, pauseMs: 10 });
    await taken(100);
    const failOver = await copyOf(site.postgres);
    const had = await taken(300);
    await failOver();
    // The ledger must really have lost records, or the test would prove nothing.
    expect(await takenRecords(site.databaseUrl)).toBeLessThan(had);
    await taken(300);
    await exactAfter(load);
    for (const gateway of site.gateways) {
      expect(await metricOf(gateway, 'postmeter_ledger_rewinds_total')).toBeGreaterThan(0);
    }
  });

  it('is restored if it loses them again before the gateways are done', async () => {
    held = 0;
    const load = site.load({ each: 1, pauseMs: 10 });
    await taken(100);
    const failOver = await copyOf(site.postgres);
    await taken(200);
    await failOver();
    const again = await copyOf(site.postgres);
    await taken(50);
    await again();
    await exactAfter(load);
  });

  it('is restored by the next start if no gateway runs', async () => {
    held = 0;
    const load = site.load({ each: 1, pauseMs: 10 });
    await taken(100);
    const failOver = await copyOf(site.postgres);
    await taken(200);
    await load.stop();
    expect(load.failed).toEqual([]);
    for (const gateway of site.gateways) expect(await gateway.stop(true)).toBe(0);
    expect(await misfits(site, 'exact')).toEqual([]);
    await failOver();
    expect(await misfits(site, 'exact')).not.toEqual([]);
    for (const at of site.gateways.keys()) await site.restart(at);
    await exactAfter(load);
  });

  it('is restored by a dead gateway after its restart', async () => {
    held = 0;
    const load = site.load({ each: 1, pauseMs: 10 });
    await taken(100);
    const failOver = await copyOf(site.postgres);
    await taken(200);
    await load.stop();
    await site.healed();
    await site.gateways[0]!.kill();
    await failOver();
    await site.restart(0);
    await exactAfter(load);
  });
});
