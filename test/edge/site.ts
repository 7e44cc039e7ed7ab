/** An installation of the Worker: an origin, PostgreSQL behind a network that can fail, and clients with keys. */

import { inject } from 'vitest';
import { migratePostgres } from '../../src/adapters/postgres/connection/migrate.ts';
import { postsInLedger } from '../faults/books.ts';
import { type Load, type LoadOptions, startLoad, type Taker } from '../faults/load.ts';
import { ROUTES } from '../faults/site.ts';
import { startWorkerd, type Workerd, type WorkerdOptions } from '../support/edge/workerd.ts';
import { ADMIN_TOKEN } from '../support/gateway/process.ts';
import { ask } from '../support/http/ask.ts';
import { type PostsOrigin, startPostsOrigin } from '../support/origins/posts.ts';
import { freshDatabase } from '../support/services/fresh-database.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import { type Admin, adminOf } from './admin.ts';
import { atRest } from './at-rest.ts';

export interface EdgeSite {
  readonly origin: PostsOrigin;
  /** The network between the Worker and the origin. */
  readonly upstream: TcpProxy;
  readonly worker: Workerd;
  /** The network between the Worker and PostgreSQL. */
  readonly network: TcpProxy;
  readonly takers: readonly Taker[];
  /** All loads so far. */
  readonly loads: readonly Load[];
  /** A connection that bypasses the network. */
  readonly databaseUrl: string;
  load(options?: Partial<LoadOptions>): Load;
  readonly admin: Admin;
  /** Resolves when a request succeeds. */
  serves(): Promise<void>;
  /** Posts by client, once the ledger has not changed for longer than an object collects usage. */
  ledgerAtRest(): Promise<ReadonlyMap<string, number>>;
  stop(): Promise<void>;
}

export interface EdgeSiteOptions extends Pick<WorkerdOptions, 'config' | 'script'> {
  /** Default: the product's Worker. */
  readonly bundle?: string;
  readonly clients: readonly string[];
}

export async function startEdgeSite(options: EdgeSiteOptions): Promise<EdgeSite> {
  const [origin, database] = await Promise.all([startPostsOrigin(), freshDatabase('edge')]);
  await migratePostgres(database.url);
  const network = await startTcpProxy(Number(new URL(database.url).port));
  const upstream = await startTcpProxy(Number(new URL(origin.url).port));
  const worker = await startWorkerd({
    ...options,
    bundle: options.bundle ?? inject('workerBundle'),
    upstream: new URL(upstream.through(origin.url)).origin,
    databaseUrl: network.through(database.url),
    config: { routes: ROUTES, ...options.config },
    adminToken: ADMIN_TOKEN,
  });
  const admin = adminOf(worker.url, ADMIN_TOKEN);
  const takers: Taker[] = [
    { clientId: 'addr:198.51.100.31', headers: { 'cf-connecting-ip': '198.51.100.31' } },
  ];
  for (const clientId of options.clients) {
    await admin('POST', '/v1/clients', { id: clientId, name: clientId });
    const path = `/v1/clients/${clientId}/identifiers`;
    const { key } = await admin<{ key: string }>('POST', path, { kind: 'api_key' });
    takers.push({ clientId, headers: { ...FROM_HERE, authorization: `Bearer ${key}` } });
  }
  const statusFor = async ({ headers }: Taker) =>
    (await ask(worker.url, '/no-posts', { headers: headers ?? {} })).status;
  await until(
    'all are served',
    async () => {
      const statuses = await Promise.all(takers.map(statusFor));
      return statuses.every((status) => status === 200);
    },
    { timeoutMs: 60_000 },
  );
  const loads: Load[] = [];
  return {
    origin,
    upstream,
    worker,
    network,
    takers,
    loads,
    databaseUrl: database.url,
    load: (wanted) => {
      const load = startLoad({ takers, gateways: () => [worker.url], ...wanted });
      loads.push(load);
      return load;
    },
    admin,
    serves: async () => {
      await until('a request is answered', async () => (await statusFor(takers[0]!)) === 200);
    },
    ledgerAtRest: () => atRest(() => postsInLedger(database.url)),
    stop: async () => {
      await Promise.all(loads.map((load) => load.stop()));
      await worker.stop();
      await Promise.all([upstream.stop(), network.stop()]);
      await origin.stop();
      await database.drop();
    },
  };
}

/** The header by which Cloudflare reports the client's address. */
const FROM_HERE = { 'cf-connecting-ip': '198.51.100.1' };
