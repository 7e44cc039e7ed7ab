/**
 * PostgreSQL fails in every possible way under load. The gateways live, so no response is cut: every client is served
 * all the time, and in the end the ledger is exact.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metricOf } from '../support/gateway/accounts.ts';
import { ask } from '../support/http/ask.ts';
import { until } from '../support/until.ts';
import { misfits } from './books.ts';
import { POSTGRES_FAULTS, postgresHalted, postgresKilled } from './faults.ts';
import { crash, halt } from './processes.ts';
import { quarterInCi, strikeInTurn } from './rounds.ts';
import { chanceFor } from './seed.ts';
import { type Site, startSite } from './site.ts';
import { underLoad } from './under-load.ts';
import { differences } from './verify.ts';

const ROUNDS = quarterInCi(20);
const chance = chanceFor('postgres');
let site: Site;

beforeAll(async () => {
  site = await startSite({ gateways: 2, clients: ['alpha', 'beta', 'gamma'] });
});

afterAll(async () => {
  await site?.stop();
});

describe('PostgreSQL', () => {
  it('can be unreachable: clients are served, the journal waits and reports it, and everything arrives later, once', async () => {
    await underLoad(site, async (load) => {
      const [gateway] = site.gateways;
      await crash(site.postgres);
      await until(
        'it is noticed',
        async () => (await metricOf(gateway!, 'postmeter_ledger_reachable')) === 0,
      );
      const before = load.responses();
      await until('clients are served', () => load.responses() > before + 50);
      const { status, body } = await ask(gateway!.adminUrl, '/readyz');
      expect(status).toBe(200);
      expect(JSON.parse(body.toString()).warnings).toContainEqual(
        expect.objectContaining({ field: 'ledger' }),
      );
      expect(await metricOf(gateway!, 'postmeter_journal_unconfirmed_records')).toBeGreaterThan(0);
      await site.postgres.revive();
    });
    for (const gateway of site.gateways) expect((await ask(gateway.adminUrl, '/readyz')).status).toBe(200);
  });

  it(`can be killed ${ROUNDS} times at random moments`, async () => {
    const faults = Array.from({ length: ROUNDS }, () => postgresKilled);
    await underLoad(site, (load) => strikeInTurn({ site, load, chance, faults, maxMs: 300 }));
  });

  it('can be halted, read-only, without connections, and behind a network that fails in every way', async () => {
    const faults = chance.shuffled([postgresHalted, postgresHalted, ...POSTGRES_FAULTS, ...POSTGRES_FAULTS]);
    await underLoad(site, (load) => strikeInTurn({ site, load, chance, faults, maxMs: 800 }));
  });

  it('can be halted for 30 s', async () => {
    await underLoad(site, async (load) => {
      const goOn = halt(site.postgres.pid());
      await sleep(30_000).finally(goOn);
      const before = load.responses();
      await until('clients are served', () => load.responses() > before);
    });
  });

  it('adds nothing after a clean stop of the gateways and another start', async () => {
    for (const [at, gateway] of site.gateways.entries()) {
      expect(await gateway.stop(true)).toBe(0);
      await site.restart(at);
    }
    await site.healed();
    expect(await misfits(site, 'exact')).toEqual([]);
    expect(await differences(site)).toEqual([]);
  });
});
