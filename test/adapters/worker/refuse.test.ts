/** Responses that must not be delivered unmetered, while the objects of clients fail. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type GatewayRig, startGatewayRig } from './gateway-rig.ts';

const PAGE = '{"data":[{"id":1},{"id":2},{"id":3}]}';
const FIRST = 20;

function origin({ url = '' }: IncomingMessage, outgoing: ServerResponse): void {
  const length = url.endsWith('length') ? { 'content-length': PAGE.length } : {};
  outgoing.writeHead(200, { 'content-type': 'application/json', ...length });
  outgoing.write(PAGE.slice(0, FIRST));
  setTimeout(() => outgoing.end(PAGE.slice(FIRST)), 100);
}

let rig: GatewayRig;
beforeAll(async () => {
  rig = await startGatewayRig(origin, {
    routes: [{ path: '/**', posts: [{ json: '$.data[*]' }] }],
    journal: { onFailure: 'refuse' },
  });
});
afterAll(() => rig?.stop());
beforeEach(() => rig.behave({ failures: 100 }));

it('refuses a small response', async () => {
  const { message, body } = await rig.ask('/length', { headers: { 'cf-connecting-ip': '203.0.113.20' } });
  expect(message.statusCode).toBe(503);
  expect(JSON.parse(body.toString())).toMatchObject({ code: 'unmeterable' });
});

it('aborts a response of unknown length before its last chunk', async () => {
  const headers = { 'cf-connecting-ip': '203.0.113.21' };
  const { message, body } = await rig.ask('/chunked', { headers });
  expect(message.statusCode).toBe(200);
  expect(body.toString()).toBe(PAGE.slice(0, FIRST));
  await rig.behave({});
  const whole = () => rig.ask('/chunked', { headers }).then((answered) => answered.body.toString());
  await expect.poll(whole, { timeout: 10_000 }).toBe(PAGE);
});
