/** A little more than a million posts through the Worker become one correct draft invoice in PostgreSQL. */

import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { postsInLedger } from '../faults/books.ts';
import { type EdgeSite, startEdgeSite } from './site.ts';
import { PAGE, takePages } from './take-pages.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const PAGES = 110;
const CLIENT = 'scraper';

let site: EdgeSite;
beforeAll(async () => {
  site = await startEdgeSite({ clients: [CLIENT] });
});
afterAll(() => site?.stop());

it('more than a million posts result in one correct draft invoice', async () => {
  const received = await takePages(site, { url: site.worker.url, client: CLIENT, pages: PAGES });
  expect(received).toBe(PAGE * PAGES);
  const inLedger = async () => (await postsInLedger(site.databaseUrl)).get(CLIENT);
  await vi.waitFor(async () => expect(await inLedger()).toBe(received), { timeout: 60_000, interval: 200 });

  // The first run finds the breach. The second must not bill it again.
  await site.worker.bill();
  await site.worker.bill();
  const { items } = await site.admin<{ items: unknown[] }>('GET', '/v1/invoices');
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({ clientId: CLIENT, status: 'draft', amount: '16500.00', currency: 'USD' });
  const breaches = await site.admin<{ items: unknown[] }>('GET', '/v1/breaches');
  expect(breaches.items).toHaveLength(1);
  expect(breaches.items[0]).toMatchObject({ posts: received, billedPosts: received, peakPosts: received });
});
