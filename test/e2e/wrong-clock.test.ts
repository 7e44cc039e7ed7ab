/** A gateway whose machine has a wrong clock, and one whose Redis is unreachable, over a real PostgreSQL and Redis. */

import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { metricOf, setTariff, usageOf } from '../support/gateway/accounts.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { ask } from '../support/http/ask.ts';
import type { Origin } from '../support/origins/listening.ts';
import { pageOf, startScriptedOrigin } from '../support/origins/scripted.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';
import { startRedis, type TestRedis } from '../support/services/redis.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const MINUTE_MS = 60_000;
const OFF_MS = 40 * MINUTE_MS;
/** Its clock is ahead from the start. At each signal it steps by an hour, while time itself passes normally. */
const SOURCE = `
  const now = Date.now;
  let offMs = ${OFF_MS};
  Date.now = () => now() + offMs;
  process.on('SIGUSR2', () => { offMs += 3_600_000; });
`;
const WRONG_CLOCK = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(SOURCE)}` };
const soon = { timeout: 15_000, interval: 50 };

let origin: Origin;
let database: FreshDatabase;
let redis: TestRedis;
let gateway: GatewayProcess;

beforeAll(async () => {
  origin = await startScriptedOrigin((_url, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(pageOf(5));
  });
  database = await freshDatabase('wrong_clock');
  redis = await startRedis();
  gateway = await startGatewayProcess({
    upstream: origin.url,
    config: { bucketSeconds: 1, routes: [{ path: '/posts', posts: [{ json: '$.data[*]' }] }] },
    env: { ...WRONG_CLOCK, DATABASE_URL: database.url, REDIS_URL: redis.url },
  });
});

afterAll(async () => {
  await gateway?.stop();
  await redis?.stop();
  await database?.drop();
  await origin?.stop();
});

const take = (localAddress: string) => ask(gateway.url, '/posts', { localAddress });

interface Point {
  readonly at: string;
  readonly posts: number;
}

it('meters by the clock of the ledger, and reports the difference', async () => {
  const client = 'addr:127.0.0.61';
  const beforeMs = Date.now();
  expect((await take('127.0.0.61')).status).toBe(200);
  process.kill(gateway.process.pid!, 'SIGUSR2');
  await expect.poll(() => metricOf(gateway, 'postmeter_clock_skew_seconds'), soon).toBeGreaterThan(5_000);
  expect((await take('127.0.0.61')).status).toBe(200);
  await expect.poll(async () => (await usageOf(gateway, client)).posts, soon).toBe(10);
  const path = `/v1/clients/${encodeURIComponent(client)}/usage?step=minute`;
  const { points } = await gateway.admin<{ points: Point[] }>('GET', path);
  const served = points.filter(({ posts }) => posts > 0);
  expect(served.reduce((sum, { posts }) => sum + posts, 0)).toBe(10);
  for (const { at } of served) {
    expect(Date.parse(at)).toBeGreaterThan(beforeMs - 2 * MINUTE_MS);
    expect(Date.parse(at)).toBeLessThan(Date.now() + 2 * MINUTE_MS);
  }
  expect(await metricOf(gateway, 'postmeter_clock_flagged')).toBe(1);
  const ready = await ask(gateway.adminUrl, '/readyz');
  expect(ready.status).toBe(200);
  expect(ready.body.toString()).toContain('clock.maxSkewSeconds');
  expect(gateway.log.join('\n')).toContain('clock.maxSkewSeconds');
});

it('continues from the last usage if it has an embedded ledger and its clock was set back while it was off', async () => {
  const options = {
    upstream: origin.url,
    config: { bucketSeconds: 1, routes: [{ path: '/posts', posts: [{ json: '$.data[*]' }] }] },
  };
  const before = await startGatewayProcess(options);
  const beforeMs = Date.now();
  expect((await ask(before.url, '/posts')).status).toBe(200);
  await before.stop(true);
  const setBack = `const now = Date.now; Date.now = () => now() - ${OFF_MS};`;
  const after = await startGatewayProcess({
    ...options,
    dataDir: before.dataDir,
    env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(setBack)}` },
  });
  expect(await metricOf(after, 'postmeter_clock_flagged')).toBe(1);
  expect((await ask(after.url, '/posts')).status).toBe(200);
  const client = 'addr:127.0.0.1';
  await expect.poll(async () => (await usageOf(after, client)).posts, soon).toBe(10);
  const path = `/v1/clients/${encodeURIComponent(client)}/usage?step=minute`;
  const { points } = await after.admin<{ points: Point[] }>('GET', path);
  const served = points.filter(({ posts }) => posts > 0);
  expect(served.reduce((sum, { posts }) => sum + posts, 0)).toBe(10);
  for (const { at } of served) expect(Date.parse(at)).toBeGreaterThan(beforeMs - 2 * MINUTE_MS);
  await after.stop();
  // The embedded ledger is created and reopened, which took 65 s on two cores shared with 13 busy processes (measured).
}, 240_000);

it('refuses under a tariff that fails closed while Redis is unreachable, and serves again afterwards', async () => {
  const terms = { threshold: 1_000, onThreshold: 'refuse', whenUnknown: 'failClosed' };
  await setTariff([gateway], null, terms);
  const given: number[] = [];
  const status = async () => {
    given.push((await take('127.0.0.62')).status);
    return given.at(-1);
  };
  await expect.poll(status, soon).toBe(200);
  await redis.crash();
  await expect.poll(status, soon).toBe(503);
  const refused = await take('127.0.0.62');
  given.push(refused.status);
  expect(refused.headers['retry-after']).toBe('5');
  expect(JSON.parse(refused.body.toString())).toMatchObject({ code: 'limit_unknown' });
  await redis.revive();
  await expect.poll(status, { ...soon, timeout: 30_000 }).toBe(200);
  const times = (code: number) => given.filter((one) => one === code).length;
  expect(times(200) + times(503)).toBe(given.length);
  await expect
    .poll(() => usageOf(gateway, 'addr:127.0.0.62'), soon)
    .toMatchObject({ posts: 5 * times(200), refused: times(503), requests: given.length });
});
