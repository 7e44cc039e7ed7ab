/**
 * A disk becomes full for a while under load. If it holds the journal, `serve` serves every client, reports the gap,
 * and is exact before and after it; with `refuse` no client receives a whole response that the ledger lacks. If it
 * holds PostgreSQL, the journal keeps everything.
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { metricOf } from '../support/gateway/accounts.ts';
import { ask } from '../support/http/ask.ts';
import { until } from '../support/until.ts';
import { misfits, postsInGaps, postsInLedger } from './books.ts';
import { type Site, startSite } from './site.ts';
import { canMount, type SmallDisk, smallDisk } from './small-disk.ts';
import { differences } from './verify.ts';

describe.each(['serve', 'refuse'] as const)(
  'the disk under the journal is full, onFailure: %s',
  (onFailure) => {
    let disk: SmallDisk;
    let site: Site;

    beforeAll(async () => {
      disk = smallDisk(8);
      site = await startSite({
        gateways: 1,
        clients: ['alpha', 'beta'],
        dataDir: disk.folder,
        config: { journal: { onFailure } },
      });
    });

    afterEach(() => {
      disk?.free(site.gateways[0]!.process.pid!);
    });

    afterAll(async () => {
      await site?.stop();
      disk?.remove();
    });

    it('and is freed again', async () => {
      const gateway = site.gateways[0]!;
      const load = site.load({ pauseMs: 10 });
      await until('the load runs', () => load.responses() > 100);
      disk.fill(gateway.process.pid!);
      await until(
        'writes fail',
        async () => (await metricOf(gateway, 'postmeter_journal_failures_total')) > 20,
      );
      // A small record may still fit into the last page.
      await until('readiness reports it', async () => {
        const { status, body } = await ask(gateway.adminUrl, '/readyz');
        return onFailure === 'refuse' ? status === 503 : status === 200 && body.includes('"journal"');
      });
      expect(gateway.log.some((line) => line.includes('usage cannot be written'))).toBe(true);
      const during = load.responses();
      if (onFailure === 'serve') await until('clients are served', () => load.responses() > during + 50);
      else await until('clients are refused', () => load.failed.length > 10);
      disk.free(gateway.process.pid!);
      await until('it is ready again', async () => (await ask(gateway.adminUrl, '/readyz')).status === 200);
      const failed = load.failed.length;
      const after = load.responses();
      await until('clients are served', () => load.responses() > after + 50);
      await load.stop();
      await site.healed();
      const ledger = await postsInLedger(site.databaseUrl);
      if (onFailure === 'refuse') {
        expect(await misfits(site, 'between')).toEqual([]);
        return;
      }
      expect(failed).toBe(0);
      expect(load.failed).toEqual([]);
      const sumOf = (posts: ReadonlyMap<string, number>) =>
        [...posts.values()].reduce((sum, one) => sum + one, 0);
      const gaps = await postsInGaps(site.databaseUrl);
      expect(gaps).toBeGreaterThan(0);
      expect(sumOf(ledger) + gaps).toBe(sumOf(load.received));
    });

    it('what follows is exact, even after a clean stop', async () => {
      const before = await postsInLedger(site.databaseUrl);
      const load = site.load();
      await until('the load runs', () => load.responses() > 100);
      await load.stop();
      expect(load.failed).toEqual([]);
      expect(await site.gateways[0]!.stop(true)).toBe(0);
      await site.restart(0);
      const ledger = await postsInLedger(site.databaseUrl);
      for (const [clientId, received] of load.received) {
        expect(ledger.get(clientId)! - before.get(clientId)!, clientId).toBe(received);
      }
    });
  },
);

/** PostgreSQL does not run as root, and its folder belongs to its own user. */
describe.skipIf(!canMount())('the disk under PostgreSQL is full', () => {
  let disk: SmallDisk;
  let site: Site;

  beforeAll(async () => {
    disk = smallDisk(32);
    const tablespace = join(disk.folder, 'tablespace');
    mkdirSync(tablespace, { mode: 0o700 });
    execFileSync('chown', ['postgres', tablespace]);
    site = await startSite({ gateways: 1, clients: ['alpha', 'beta'], tablespace });
  });

  afterAll(async () => {
    await site?.stop();
    disk?.remove();
  });

  it('and is freed again: every client is served, and all usage arrives later, once', async () => {
    const gateway = site.gateways[0]!;
    const load = site.load({ pauseMs: 10 });
    await until('the load runs', () => load.responses() > 100);
    disk.fill(site.postgres.pid());
    const unreachable = async () => (await metricOf(gateway, 'postmeter_ledger_reachable')) === 0;
    await until('the ledger takes no more usage', unreachable);
    const during = load.responses();
    await until('clients are served', () => load.responses() > during + 50);
    disk.free(site.postgres.pid());
    await load.stop();
    expect(load.failed).toEqual([]);
    await site.healed();
    expect(await misfits(site, 'exact')).toEqual([]);
    expect(await differences(site)).toEqual([]);
  });
});
