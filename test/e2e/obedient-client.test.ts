/**
 * A client under a tariff that refuses, which stops at the first 429, never has an invoice with an amount, for any page
 * size, with one process or three, and during any failure of Redis.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { readEnvironment } from '../../src/entry/environment.ts';
import { openLog } from '../../src/entry/logs/log.ts';
import { type RunningPostmeter, startNode } from '../../src/entry/node.ts';
import { addClients, listOf, setTariff } from '../support/gateway/accounts.ts';
import { ADMIN_TOKEN, callAdmin, type GatewayProcess } from '../support/gateway/process.ts';
import { ask } from '../support/http/ask.ts';
import type { Origin } from '../support/origins/listening.ts';
import { pageOf, startScriptedOrigin } from '../support/origins/scripted.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';
import { type FreshRedis, freshRedis } from '../support/services/fresh-redis.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

const THRESHOLD = 25;
const REFUSES = { threshold: THRESHOLD, price: '10.00', block: 1, onThreshold: 'refuse' };
const BILLS = { ...REFUSES, onThreshold: 'bill' };
/** More than the number of posts that three processes serve while each knows only its own posts. */
const MAX_REQUESTS = 5 * THRESHOLD;

const REDIS = ['up', 'slow', 'down'] as const;
const CLIENTS = REDIS.flatMap((redis) =>
  [1, 10, 1_000, 10_000].flatMap((pagePosts) =>
    [1, 3].map((processes) => ({
      id: `${redis}-pages-of-${pagePosts}-from-${processes}`,
      redis,
      pagePosts,
      processes,
      delivered: 0,
      wasRefused: false,
    })),
  ),
);
type Client = (typeof CLIENTS)[number];

let folder: string;
let origin: Origin;
let database: FreshDatabase;
let redis: FreshRedis;
let network: TcpProxy;
let running: RunningPostmeter[];
let gateways: Pick<GatewayProcess, 'url' | 'admin'>[];
let keys: Map<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postmeter-obedient-'));
  origin = await startScriptedOrigin((url, response) => {
    const body = pageOf(Number(url.searchParams.get('n')));
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
  [database, redis] = await Promise.all([freshDatabase('obedient'), freshRedis()]);
  network = await startTcpProxy(Number(new URL(redis.url).port));
  running = [];
  for (const name of ['a', 'b', 'c']) running.push(await start(name));
  gateways = running.map(({ port, adminPort }) => ({
    url: `http://127.0.0.1:${port}`,
    admin: (method, path, body) => callAdmin(`http://127.0.0.1:${adminPort}`, method, path, body),
  }));
  await setTariff(gateways, null, REFUSES);
  keys = await addClients(gateways, [...CLIENTS.map(({ id }) => id), 'billed']);
  await setTariff(gateways, { id: 'billed', key: keys.get('billed')! }, BILLS);
});
afterAll(async () => {
  await network?.heal();
  await Promise.all((running ?? []).map((one) => one.stop()));
  await network?.stop();
  await origin?.stop();
  await database?.drop();
  await redis?.drop();
  await rm(folder, { recursive: true });
});

function start(name: string): Promise<RunningPostmeter> {
  const env = readEnvironment({
    UPSTREAM: origin.url,
    DATABASE_URL: database.url,
    REDIS_URL: network.through(redis.url),
    DATA_DIR: join(folder, name),
    PORT: '0',
    HOST: '127.0.0.1',
    ADMIN_PORT: '0',
    ADMIN_TOKEN,
  });
  const routes = [{ path: '/posts', posts: [{ json: '$.data[*]' }] }];
  const parsed = parseConfig(JSON.stringify({ routes, bucketSeconds: 1, billing: { intervalSeconds: 1 } }));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return startNode(env, parsed, openLog('silent'));
}

/** Sends requests to each of its processes, page after page, until one of them refuses. */
async function scrape(client: Client): Promise<void> {
  let requests = 0;
  const pages = async (gateway: (typeof gateways)[number]) => {
    while (!client.wasRefused && requests++ < MAX_REQUESTS) {
      const headers = { authorization: `Bearer ${keys.get(client.id)}` };
      const { status } = await ask(gateway.url, `/posts?n=${client.pagePosts}`, { headers });
      if (status === 200) client.delivered += client.pagePosts;
      else if (status === 429) client.wasRefused = true;
      else throw new Error(`${client.id}: ${status}`);
    }
  };
  await Promise.all(gateways.slice(0, client.processes).map(pages));
}

it('a client that obeys every 429 never has an invoice', async () => {
  for (const state of REDIS) {
    if (state === 'slow') network.delay(100);
    if (state === 'down') await network.refuse();
    await Promise.all(CLIENTS.filter((client) => client.redis === state).map(scrape));
  }
  await network.heal();
  expect(CLIENTS.filter(({ wasRefused }) => !wasRefused)).toEqual([]);
  const headers = { authorization: `Bearer ${keys.get('billed')}` };
  await ask(gateways[0]!.url, '/posts?n=100', { headers });

  interface Breach {
    readonly clientId: string;
    readonly posts: number;
    readonly billedPosts: number;
    readonly amount: string;
    readonly unbilledReason: string | null;
  }
  const over = CLIENTS.filter(({ delivered }) => delivered > THRESHOLD);
  const expected = over.map(({ id, delivered }) => [id, delivered, 0, '0.00', 'within_refusing_tariff']);
  const recorded = async () => {
    const breaches = await listOf<Breach>(gateways[0]!, '/v1/breaches?limit=100');
    return breaches
      .filter(({ clientId }) => clientId !== 'billed')
      .map(({ clientId, posts, billedPosts, amount, unbilledReason }) => [
        ...[clientId, posts, billedPosts, amount, unbilledReason],
      ]);
  };
  const isWhole = async () => {
    const posts = (all: readonly (readonly unknown[])[]) => all.reduce((sum, one) => sum + Number(one[1]), 0);
    return posts(await recorded()) === posts(expected);
  };
  await until('billing has seen everything', isWhole);
  expect((await recorded()).sort()).toEqual(expected.sort());

  const invoices = () =>
    listOf<{ readonly clientId: string; readonly amount: string }>(gateways[0]!, '/v1/invoices?limit=100');
  // A client that is billed proves that invoices are created.
  await until('a draft', async () => (await invoices()).length > 0);
  expect((await invoices()).map(({ clientId, amount }) => [clientId, amount])).toEqual([
    ['billed', '1000.00'],
  ]);
});
