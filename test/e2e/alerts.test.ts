/** Alerts of the whole product: from the post that crosses the threshold to the message at its receiver. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import { isSignedWith, type Receiving, startReceiving } from '../adapters/postgres/notify/receiving.ts';
import { addClients } from '../support/gateway/accounts.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import type { Origin } from '../support/origins/listening.ts';
import { pageOf, startScriptedOrigin } from '../support/origins/scripted.ts';
import { until } from '../support/until.ts';

let origin: Origin;
let receiving: Receiving;
let gateway: GatewayProcess;
beforeAll(async () => {
  receiving = await startReceiving();
  origin = await startScriptedOrigin((_url, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(pageOf(100));
  });
  gateway = await startGatewayProcess({
    upstream: origin.url,
    config: {
      routes: [{ path: '/posts', posts: [{ json: '$.data[*]' }] }],
      receivers: { allowPrivate: true, consoleUrl: 'https://admin.example' },
    },
  });
});
afterAll(async () => {
  await gateway?.stop();
  await receiving?.close();
  await origin?.stop();
});

// A busy machine may delay a single run.
it('a crossing reaches the receiver within 10 seconds, long before the next billing run', {
  retry: 2,
}, async () => {
  const client = `acme-${Date.now()}`;
  const key = (await addClients([gateway], [client])).get(client)!;
  const terms = { kind: 'damages', threshold: 1_000, price: '15.00', block: 1_000, currency: 'USD' };
  const validFrom = new Date(Math.ceil(Date.now() / 60_000) * 60_000 - 3_600_000).toISOString();
  await gateway.admin('POST', `/v1/clients/${client}/tariffs`, {
    terms,
    validFrom,
    reason: 'a test',
    correction: true,
  });
  const { secret } = await gateway.admin<{ secret: string }>('POST', '/v1/receivers', {
    ...{ name: 'soc', kind: 'webhook', address: receiving.url },
    ...{ events: ['client.*'], clients: [client] },
  });
  for (let page = 0; page < 11; page++) {
    const answer = await fetch(`${gateway.url}/posts`, { headers: { authorization: `Bearer ${key}` } });
    await answer.text();
  }
  const crossedMs = Date.now();
  const told = () =>
    receiving.got
      .filter((got) => JSON.parse(got.body).data.client === client)
      .map((got) => ({
        ...JSON.parse(got.body),
        isSigned: isSignedWith(secret, got),
      }));
  await until('the crossing is told', () => told().length >= 3);
  expect(Date.now() - crossedMs).toBeLessThan(10_000);
  expect(told().map(({ type, isSigned }) => [type, isSigned])).toEqual([
    ['client.threshold_80', true],
    ['client.threshold_95', true],
    ['client.crossed', true],
  ]);
  expect(told()[2].data).toMatchObject({
    total: 1_100,
    threshold: 1_000,
    link: `https://admin.example/clients/${client}`,
  });
});
