/**
 * Three gateways that may all bill, under faults of every kind. Breaches, drafts and issued invoices match the ledger
 * to the post, numbers have no gap, and late usage changes no issued invoice.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listOf, setTariff } from '../support/gateway/accounts.ts';
import { LEAPING_SKEW, leap } from '../support/gateway/leaping-clock.ts';
import type { GatewayProcess } from '../support/gateway/process.ts';
import { completeSellerAt } from '../support/sellers.ts';
import { until } from '../support/until.ts';
import { auditBooks, issuedInvoices } from './audit.ts';
import { holdingBooks, losingLead, waitingForBooks } from './billers.ts';
import { misfits } from './books.ts';
import { ALL_FAULTS, postgresKilled } from './faults.ts';
import { strikeInTurn } from './rounds.ts';
import { chanceFor } from './seed.ts';
import { type Site, startSite } from './site.ts';
import { differences } from './verify.ts';

const THRESHOLD = 2_000;
const WINDOW_SECONDS = 60;
/** 100.00 for 1,000 posts. */
const TARIFF = { threshold: THRESHOLD, windowSeconds: WINDOW_SECONDS, minorPerPost: 10 };
const CLIENTS = ['alpha', 'beta', 'gamma'];
const chance = chanceFor('billing');
const patient = { timeout: 30_000, interval: 200 };
/** The server keeps the lead of a process that died behind a silent network for 60 s. */
const leadPatience = { timeoutMs: 90_000 };

interface Invoice {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly clientId: string;
}

let site: Site;

beforeAll(async () => {
  site = await startSite({
    gateways: 3,
    clients: CLIENTS,
    config: {
      clock: LEAPING_SKEW,
      bucketSeconds: 1,
      billing: { intervalSeconds: 1, latenessSeconds: 0 },
    },
  });
  const terms = { threshold: THRESHOLD, windowSeconds: WINDOW_SECONDS, price: '100.00', block: 1_000 };
  await setTariff(site.gateways, null, terms);
  for (const clientId of CLIENTS) await addDetails(clientId);
  await completeSellerAt(site.databaseUrl);
});

afterAll(async () => {
  await site?.stop();
});

async function addDetails(clientId: string): Promise<void> {
  const billing = { legalName: clientId, address: '1 Road', email: 'pay@example.com', currency: 'USD' };
  await site.gateways[0]!.admin('PATCH', `/v1/clients/${encodeURIComponent(clientId)}`, { billing });
}

const invoicesOf = (gateway: GatewayProcess) => listOf<Invoice>(gateway, '/v1/invoices');
const audited = () => auditBooks(site.databaseUrl, TARIFF);

async function expectBooks(): Promise<void> {
  await site.healed();
  expect(await misfits(site, 'between')).toEqual([]);
  // The next billing run may not have started yet.
  await expect.poll(audited, patient).toEqual([]);
  expect(await differences(site)).toEqual([]);
}

describe('billing', () => {
  it('finds what the ledger contains under faults of every kind', async () => {
    const load = site.load({ each: 1, pauseMs: 20 });
    await until('the load runs', () => load.responses() > 50);
    const faults = chance.shuffled(ALL_FAULTS).slice(0, 10);
    await strikeInTurn({ site, load, chance, faults, maxMs: 400 });
    await until('all are over the threshold', () =>
      [...load.received.values()].every((posts) => posts > THRESHOLD + 500),
    );
    await load.stop();
    await expectBooks();
    const drafts = await invoicesOf(site.gateways[0]!);
    expect(drafts.map(({ clientId }) => clientId).sort()).toEqual(
      site.takers.map(({ clientId }) => clientId).sort(),
    );
    await addDetails('addr:127.0.0.31');
  });

  it('issues each draft once while PostgreSQL crashes, without a gap in the numbers', async () => {
    // The third gateway keeps what it serves now until all invoices are issued.
    const [one, other, late] = site.gateways as [GatewayProcess, GatewayProcess, GatewayProcess];
    await site.networks[2]!.ledger.refuse();
    const load = site.load({ gateways: () => [late.url], posts: 200 });
    await load.done;
    expect(load.failed).toEqual([]);
    await late.kill();
    await site.networks[2]!.ledger.heal();

    for (const gateway of [one, other]) leap(gateway);
    const breachStates = async () => {
      const breaches = await listOf<{ state: string }>(one, '/v1/breaches');
      return [...new Set(breaches.map(({ state }) => state))];
    };
    await expect.poll(breachStates, patient).toEqual(['closed']);

    const drafts = await invoicesOf(one);
    const ask = (gateway: GatewayProcess, id: string, step: string) =>
      gateway.admin('POST', `/v1/invoices/${id}/${step}`).catch(() => {});
    const issuing = async (gateway: GatewayProcess): Promise<void> => {
      for (const { id } of chance.shuffled(drafts)) {
        await ask(gateway, id, 'approve');
        await ask(gateway, id, 'issue');
      }
    };
    const dying = async (): Promise<void> => {
      for (let round = 0; round < 3; round++) {
        await sleep(chance.between(0, 100));
        await (await postgresKilled.strike(site, chance))();
      }
    };
    await Promise.all([dying(), issuing(one), issuing(other), issuing(one), issuing(other)]);
    await until('all are issued', async () => {
      await Promise.all([issuing(one), issuing(other)]);
      return (await invoicesOf(one)).every(({ status }) => status === 'issued');
    });
    expect((await issuedInvoices(site.databaseUrl)).size).toBe(drafts.length);
    expect(await audited()).toEqual([]);
  });

  it('bills late usage with a supplement, and leaves issued invoices unchanged', async () => {
    const before = await issuedInvoices(site.databaseUrl);
    await site.restart(2);
    await expectBooks();
    const invoices = await invoicesOf(site.gateways[0]!);
    const supplements = invoices.filter(({ kind, status }) => kind === 'supplement' && status === 'draft');
    expect(supplements.map(({ clientId }) => clientId).sort()).toEqual(
      site.takers.map(({ clientId }) => clientId).sort(),
    );
    expect(await issuedInvoices(site.databaseUrl)).toEqual(before);
  });

  it('has the same result if two processes bill at once', async () => {
    const before = await issuedInvoices(site.databaseUrl);
    const [one, other] = site.gateways;
    const load = site.load({ gateways: () => [one!.url, other!.url], each: 1, pauseMs: 10 });
    for (let round = 0; round < 3; round++) {
      const release = await holdingBooks(site.databaseUrl, 'alpha');
      try {
        const waiting = async (count: number) => (await waitingForBooks(site.databaseUrl)) >= count;
        await until('one waits for the books', () => waiting(1), leadPatience);
        const secondBegins = async () => {
          await losingLead(site.databaseUrl);
          return waiting(2);
        };
        await until('two wait for the books', secondBegins, { ...leadPatience, intervalMs: 2_000 });
      } finally {
        await release();
      }
    }
    await until('there is something to bill', () => load.received.get('alpha')! > THRESHOLD);
    await load.stop();
    expect(load.failed).toEqual([]);
    await expectBooks();
    expect(await issuedInvoices(site.databaseUrl)).toEqual(before);
  });
});
