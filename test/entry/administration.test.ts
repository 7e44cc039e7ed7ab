import { OpenAPIHono } from '@hono/zod-openapi';
import { expect, test } from 'vitest';
import type { AdminApp } from '../../src/admin/deps.ts';
import { listenForAdministration } from '../../src/entry/administration.ts';

test('before the ledger is open the administration is alive, not ready, and asks to try again', async () => {
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
