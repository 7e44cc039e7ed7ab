/** Edge and Node on one PostgreSQL, with the same clients, usage from both, and billing by both under one lock. */

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { postsInLedger } from '../faults/books.ts';
import { ROUTES } from '../faults/site.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { ask } from '../support/http/ask.ts';
import { until } from '../support/until.ts';
import { type EdgeSite, startEdgeSite } from './site.ts';
import { PAGE, takePages } from './take-pages.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const CLIENT = 'scraper';
const [PAGES_AT_THE_EDGE, PAGES_ON_NODE] = [70, 45];
/** Runs of the cron trigger, while Node bills every second. */
const RUNS = 6;
/** Longest time until all isolates have a change of the directory. */
const DIRECTORY_MS = 35_000;

describe.concurrent('edge and Node on one PostgreSQL', () => {
  let site: EdgeSite;
  let node: GatewayProcess;
  beforeAll(async () => {
    site = await startEdgeSite({ clients: [CLIENT] });
    node = await startGatewayProcess({
      upstream: site.origin.url,
      config: { routes: ROUTES, billing: { intervalSeconds: 1 } },
      env: { DATABASE_URL: site.databaseUrl },
    });
  });
  afterAll(async () => {
    await node?.stop();
    await site?.stop();
  });

  const statusFor = async (url: string, key: string) =>
    (await ask(url, '/no-posts', { headers: { authorization: `Bearer ${key}` } })).status;

  it('a key that one side creates is valid on the other until it is revoked', async () => {
    const path = `/v1/clients/${CLIENT}/identifiers`;
    const made = await node.admin<{ id: string; key: string }>('POST', path, { kind: 'api_key' });
    const known = { timeoutMs: DIRECTORY_MS, intervalMs: 200 };
    await until('the edge knows it', async () => (await statusFor(site.worker.url, made.key)) === 200, known);
    await site.admin('DELETE', `${path}/${made.id}`);
    await until('Node refuses it', async () => (await statusFor(node.url, made.key)) === 401, known);
    await until(
      'the edge refuses it',
      async () => (await statusFor(site.worker.url, made.key)) === 401,
      known,
    );
  });

  it('a breach by usage of both sides is billed once, although both bill at the same time', async () => {
    const [atTheEdge, onNode] = await Promise.all([
      takePages(site, { url: site.worker.url, client: CLIENT, pages: PAGES_AT_THE_EDGE }),
      takePages(site, { url: node.url, client: CLIENT, pages: PAGES_ON_NODE }),
    ]);
    const received = atTheEdge + onNode;
    expect(received).toBe(PAGE * (PAGES_AT_THE_EDGE + PAGES_ON_NODE));
    const inLedger = async () => (await postsInLedger(site.databaseUrl)).get(CLIENT);
    await vi.waitFor(async () => expect(await inLedger()).toBe(received), { timeout: 60_000, interval: 200 });

    for (let run = 0; run < RUNS; run++) await site.worker.bill();
    const invoices = await vi.waitFor(
      async () => {
        const { items } = await node.admin<{ items: { amount: string }[] }>('GET', '/v1/invoices');
        expect(items.map(({ amount }) => amount)).toEqual(['17250.00']);
        return items;
      },
      { timeout: 30_000, interval: 200 },
    );
    expect(invoices[0]).toMatchObject({ clientId: CLIENT, status: 'draft', currency: 'USD' });
    const { items } = await site.admin<{ items: unknown[] }>('GET', '/v1/breaches');
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ posts: received, billedPosts: received, peakPosts: received });
    // Isolates and processes store counts by route in one table, which both sides report.
    await vi.waitFor(
      async () => {
        for (const { admin } of [site, node]) {
          const routes = await admin<{ items: { posts: number }[] }>('GET', '/v1/routes');
          expect(routes.items.reduce((sum, { posts }) => sum + posts, 0)).toBe(received);
        }
      },
      { timeout: 30_000, interval: 500 },
    );
    // Neither side has logged an error.
    expect((await site.admin<{ items: unknown[] }>('GET', '/v1/billing-holds')).items).toEqual([]);
    expect(node.log.filter((line) => line.includes('billing failed'))).toEqual([]);
    expect(site.worker.log.filter((line) => line.includes('billing failed'))).toEqual([]);
  });
});
