/** A million posts and some more through the Worker: one correct draft invoice in PostgreSQL. */

import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ask } from '../e2e/ask.ts';
import { postsIn } from '../e2e/scripted-origin.ts';
import { postsInLedger } from '../faults/books.ts';
import { REQUEST, TAKER } from '../faults/posts-origin.ts';
import { type EdgeSite, startEdgeSite } from './site.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const PAGE = 10_000;
const PAGES = 110;
const AT_ONCE = 5;
const CLIENT = 'scraper';

let site: EdgeSite;
beforeAll(async () => {
  site = await startEdgeSite({ clients: [CLIENT] });
});
afterAll(() => site?.stop());

it('a million posts end in one correct draft invoice', async () => {
  const { headers } = site.takers.find(({ clientId }) => clientId === CLIENT)!;
  let left = PAGES;
  let received = 0;
  const take = async (): Promise<void> => {
    while (left-- > 0) {
      const asked = { ...headers, [TAKER]: CLIENT, [REQUEST]: `${left}` };
      const { status, whole, body } = await ask(site.worker.url, `/posts?n=${PAGE}`, { headers: asked });
      expect([status, whole]).toEqual([200, true]);
      received += postsIn(body.toString());
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, take));
  expect(received).toBe(PAGE * PAGES);
  const inLedger = async () => (await postsInLedger(site.databaseUrl)).get(CLIENT);
  await vi.waitFor(async () => expect(await inLedger()).toBe(received), { timeout: 60_000, interval: 200 });

  // A run that finds all of it, and one that must not do it again.
  await site.worker.bill();
  await site.worker.bill();
  const { items } = await site.admin<{ items: unknown[] }>('GET', '/v1/invoices');
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({ clientId: CLIENT, status: 'draft', amount: '16500.00', currency: 'USD' });
  const breaches = await site.admin<{ items: unknown[] }>('GET', '/v1/breaches');
  expect(breaches.items).toHaveLength(1);
  expect(breaches.items[0]).toMatchObject({ posts: received, billedPosts: received, peakPosts: received });
});
