/** Postmeter with everything enabled: an API key, counting, window, journal, ledger; on servers and embedded. */

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/services/free-port.ts';
import { startPostgres } from '../support/services/postgres.ts';
import { startRedis } from '../support/services/redis.ts';
import type { Contender, Running, Served, Site } from './contender.ts';
import { GATEWAY_CORE } from './machine.ts';
import { startServer } from './server.ts';

export const postmeterOnServers: Contender = {
  name: 'Postmeter, Redis and PostgreSQL',
  role: 'postmeter',
  start: (site) => startOnServers(site),
};

const postmeterEmbedded: Contender = {
  name: 'Postmeter, embedded',
  role: 'postmeter',
  start: (site) => startGateway(site, {}),
};

/** Node's just-in-time compilers decide differently at each start. */
export function starts(contender: Contender, count: number): Contender[] {
  return Array.from({ length: count }, (_, index) => ({
    ...contender,
    name: `${contender.name}, start ${index + 1}`,
  }));
}

export const postmeters: readonly Contender[] = [
  ...starts(postmeterOnServers, 2),
  ...starts(postmeterEmbedded, 2),
  {
    name: 'Postmeter, declared count',
    role: 'reference',
    declared: true,
    start: (site) => startOnServers(site),
  },
];

const cli = fileURLToPath(new URL('../../dist/entry/cli.js', import.meta.url));
const clientId = 'bench';

interface Gateway extends Running {
  /** Returns the page of metrics. */
  metrics(): Promise<string>;
}

/** @param prepare is called with the URL of the database, once its tables exist. */
export async function startOnServers(
  site: Site,
  prepare: (databaseUrl: string) => Promise<void> = async () => {},
): Promise<Gateway> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  const gateway = await startGateway(site, { DATABASE_URL: postgres.url, REDIS_URL: redis.url });
  await prepare(postgres.url);
  const stop = async () => {
    await gateway.stop();
    await Promise.all([postgres.stop(), redis.stop()]);
  };
  return { ...gateway, stop };
}

async function startGateway(site: Site, env: NodeJS.ProcessEnv): Promise<Gateway> {
  const adminPort = await freePort();
  const adminToken = randomBytes(24).toString('hex');
  const config = join(site.folder, 'postmeter.config.json');
  const routes = [{ path: '/posts/*', posts: [{ json: '$.data[*]' }] }];
  writeFileSync(config, JSON.stringify({ routes }));
  const server = await startServer({
    name: 'postmeter',
    argv: [site.node, cli, 'serve'],
    port: site.port,
    folder: site.folder,
    env: {
      NODE_ENV: 'production',
      UPSTREAM: site.originUrl,
      PORT: String(site.port),
      HOST: '127.0.0.1',
      ADMIN_PORT: String(adminPort),
      ADMIN_TOKEN: adminToken,
      DATA_DIR: join(site.folder, 'data'),
      POSTMETER_CONFIG: config,
      ...env,
    },
    core: GATEWAY_CORE,
  });
  const adminUrl = `http://127.0.0.1:${adminPort}`;
  await until('is ready', async () => (await fetch(`${adminUrl}/readyz`)).ok);
  const admin = adminOf(`${adminUrl}/v1/clients`, adminToken);
  const key = randomBytes(24).toString('hex');
  await admin('POST', '', { id: clientId, name: 'Bench' });
  await admin('POST', `/${clientId}/identifiers`, { kind: 'api_key', key });
  const headers = { authorization: `Bearer ${key}` };
  await until('knows the key', async () => (await fetch(server.url, { headers })).status !== 401);
  const metrics = async () => {
    const authorization = `Bearer ${adminToken}`;
    return (await fetch(`${adminUrl}/metrics`, { headers: { authorization } })).text();
  };
  return { ...server, headers, metrics, verify: (served) => verify(admin, served) };
}

type Admin = (method: string, path: string, body?: unknown) => Promise<unknown>;

function adminOf(url: string, token: string): Admin {
  return async (method, path, body) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  };
}

/** Checks that the ledger has what wrk received whole, and no more than the origin sent. */
async function verify(admin: Admin, { posts, cutPosts }: Served): Promise<void> {
  await until(`has ${posts} to ${posts + cutPosts} posts in its ledger`, async () => {
    const usage = (await admin('GET', `/${clientId}/usage?step=day`)) as { points: { posts: number }[] };
    const metered = usage.points.reduce((sum, point) => sum + point.posts, 0);
    return metered >= posts && metered <= posts + cutPosts;
  });
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`Postmeter is not so within 15 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
