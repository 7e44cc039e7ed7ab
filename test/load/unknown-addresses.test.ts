/**
 * A flood of unknown addresses: the number of clients is bounded, ranges are held to their limits, and they are never
 * billed.
 */

import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { addClients, listOf, metricOf, setTariff, usageOf } from '../support/gateway/accounts.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { ask } from '../support/http/ask.ts';
import type { Origin } from '../support/origins/listening.ts';
import { pageOf, startScriptedOrigin } from '../support/origins/scripted.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const SOON = { timeout: 30_000 };
const CONFIG = {
  bucketSeconds: 1,
  billing: { intervalSeconds: 1, latenessSeconds: 0 },
  trustedProxies: ['127.0.0.100'],
  // The tests query from 127.0.0.253 and .254, which take a place each.
  identify: { maxAddresses: 4 },
  routes: [{ path: '/posts', posts: [{ json: '$.data[*]' }] }],
};

let origin: Origin;
let gateway: GatewayProcess;
let acmeKey: string;

beforeAll(async () => {
  origin = await startScriptedOrigin((_url, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(pageOf(10)),
  );
  gateway = await startGatewayProcess({ upstream: origin.url, config: CONFIG });
  acmeKey = (await addClients([gateway], ['acme'])).get('acme')!;
  await setTariff([gateway], null, { threshold: 25, windowSeconds: 3_600, onThreshold: 'refuse' });
  await ask(gateway.url, '/no-posts', { localAddress: '127.0.0.254' });
});
afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
});

const from = (address: string, headers: Record<string, string> = {}) =>
  ask(gateway.url, '/posts', {
    localAddress: '127.0.0.100',
    headers: { 'x-forwarded-for': address, ...headers },
  });

it('meters and limits callers beyond the bound by range, and never bills them', async () => {
  // Neither wrong keys nor refused requests take a place.
  for (let last = 200; last < 210; last++) {
    expect((await from(`203.0.113.${last}`, { 'x-api-key': 'nobody-has-this-key' })).status).toBe(401);
  }
  for (const known of ['203.0.113.1', '203.0.113.2']) expect((await from(known)).status).toBe(200);
  for (const range of ['203.0.113.', '2001:db8:1:']) {
    const of = (last: number) => from(range.includes(':') ? `${range}${last}00::1` : `${range}${last}`);
    const replies = [];
    for (let last = 10; last < 20; last++) replies.push((await of(last)).status);
    expect(replies).toEqual([...Array(3).fill(200), ...Array(7).fill(429)]);
  }
  const byKey = await from('203.0.113.99', { authorization: `Bearer ${acmeKey}` });
  expect([byKey.status, byKey.headers.ratelimit]).toEqual([200, expect.stringContaining('r=')]);
  for (let i = 0; i < 2; i++) expect((await from('203.0.113.1')).status).toBe(200);
  expect((await from('203.0.113.1')).status).toBe(429);

  await expect
    .poll(() => usageOf(gateway, 'addr:203.0.113.1'), SOON)
    .toMatchObject({ posts: 30, requests: 4, refused: 1 });
  expect(await usageOf(gateway, 'net:203.0.113.0/24')).toMatchObject({
    posts: 30,
    requests: 20,
    refused: 17,
  });
  expect(await usageOf(gateway, 'net:2001:db8:1::/48')).toMatchObject({
    posts: 30,
    requests: 10,
    refused: 7,
  });
  expect(await usageOf(gateway, 'acme')).toMatchObject({ posts: 10 });
  expect(await metricOf(gateway, 'postmeter_requests_aggregated_total')).toBe(20);

  const clients = await listOf<{ id: string; source: string }>(gateway, '/v1/clients');
  expect(clients.filter(({ source }) => source === 'prefix').map(({ id }) => id)).toEqual([
    'net:2001:db8:1::/48',
    'net:203.0.113.0/24',
  ]);
  expect(clients.filter(({ source }) => source === 'address')).toHaveLength(4);

  await expect
    .poll(() => listOf<{ clientId: string }>(gateway, '/v1/breaches'), SOON)
    .toMatchObject([{ clientId: 'addr:203.0.113.1' }]);
  // A lower threshold for all: both exceed it, and only the client with its own place has a breach.
  await setTariff([gateway], null, { threshold: 5, windowSeconds: 3_600 });
  for (const address of ['203.0.113.2', '203.0.113.10']) expect((await from(address)).status).toBe(200);
  const inBreach = async () => {
    const breaches = await listOf<{ clientId: string }>(gateway, '/v1/breaches');
    return breaches.map(({ clientId }) => clientId).sort();
  };
  await expect.poll(inBreach, SOON).toEqual(expect.arrayContaining(['addr:203.0.113.2']));
  expect((await inBreach()).filter((id) => id.startsWith('net:'))).toEqual([]);
});
