/** Alerts at the edge: the administration object sends by its alarm, and the cron trigger finds crossings. */

import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { isSignedWith, type Receiving, startReceiving } from '../adapters/postgres/notify/receiving.ts';
import { type EdgeSite, startEdgeSite } from './site.ts';
import { takePages } from './take-pages.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const CLIENT = 'scraper';

let site: EdgeSite;
let receiving: Receiving;
beforeAll(async () => {
  receiving = await startReceiving();
  site = await startEdgeSite({ clients: [CLIENT], config: { receivers: { allowPrivate: true } } });
});
afterAll(async () => {
  await site?.stop();
  await receiving?.close();
});

const told = () => receiving.got.map(({ body }) => JSON.parse(body).type);

it('a test is sent at once, fails, is tried again, and a crossing is found by the cron trigger', async () => {
  let failures = 1;
  receiving.answer = (response) => void response.writeHead(failures-- > 0 ? 500 : 204).end('noted');
  const receiver = await site.admin<{ id: string; secret: string }>('POST', '/v1/receivers', {
    ...{ name: 'soc', kind: 'webhook', address: receiving.url, events: ['client.*'] },
  });
  const test = await site.admin<{ id: string }>('POST', `/v1/receivers/${receiver.id}/test`);
  const message = () =>
    site.admin<{ state: string; log: { status: number; responseHead: string }[] }>(
      'GET',
      `/v1/messages/${test.id}`,
    );
  await vi.waitFor(async () => expect((await message()).state).toBe('sent'), {
    timeout: 60_000,
    interval: 500,
  });
  expect((await message()).log).toMatchObject([{ status: 500, responseHead: 'noted' }, { status: 204 }]);
  expect(receiving.got.every((got) => isSignedWith(receiver.secret, got))).toBe(true);

  const terms = { kind: 'damages', threshold: 100, price: '15.00', block: 100, currency: 'USD' };
  await site.admin('POST', `/v1/clients/${CLIENT}/tariffs`, {
    terms,
    reason: 'a test',
    correction: true,
    validFrom: '2026-01-01T00:00:00Z',
  });
  await takePages(site, { url: site.worker.url, client: CLIENT, pages: 3 });
  await site.ledgerAtRest();
  await site.worker.bill();
  await vi.waitFor(() => expect(told()).toContain('client.crossed'), { timeout: 60_000, interval: 200 });
  expect(told()).toEqual([
    'receiver.test',
    'receiver.test',
    'client.threshold_80',
    'client.threshold_95',
    'client.crossed',
  ]);
});
