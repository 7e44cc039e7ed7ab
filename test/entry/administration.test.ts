import { OpenAPIHono } from '@hono/zod-openapi';
import { expect, test } from 'vitest';
import type { AdminApp } from '../../src/admin/deps.ts';
import { listenForAdministration } from '../../src/entry/administration.ts';
import { until } from '../support/until.ts';

test('the administration is alive but not ready before the ledger is open, and asks the caller to retry', async () => {
  const listener = await listenForAdministration('127.0.0.1', 0);
  const ask = (path: string) => fetch(`http://127.0.0.1:${listener.port}${path}`);
  for (const path of ['/livez', '/healthz']) expect((await ask(path)).status).toBe(200);
  for (const path of ['/readyz', '/v1/clients', '/metrics']) {
    const answer = await ask(path);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ code: 'starting' });
  }
  const app = new OpenAPIHono().get('/readyz', (c) => c.text('ready')) as unknown as AdminApp;
  listener.serve(app);
  expect(await (await ask('/readyz')).text()).toBe('ready');
  await listener.stop(0);
});

test('four requests with a token run at once and the others wait, but probes never wait', async () => {
  const listener = await listenForAdministration('127.0.0.1', 0);
  const waiting: Array<() => void> = [];
  const app = new OpenAPIHono()
    .get('/readyz', (c) => c.text('ready'))
    .get('/v1/clients', async (c) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return c.text('clients');
    });
  listener.serve(app as unknown as AdminApp);
  const url = `http://127.0.0.1:${listener.port}`;
  const headers = { authorization: 'Bearer a' };
  const lists = Array.from({ length: 10 }, () => fetch(`${url}/v1/clients`, { headers }));
  await until('four requests have started', () => waiting.length === 4);
  expect(await (await fetch(`${url}/readyz`)).text()).toBe('ready');
  expect(waiting.length).toBe(4);
  for (let answered = 0; answered < 10; answered++) {
    await until('the next request has started', () => waiting.length > 0);
    waiting.shift()!();
  }
  for (const list of await Promise.all(lists)) expect(await list.text()).toBe('clients');
  await listener.stop(0);
});
