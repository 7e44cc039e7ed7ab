/** Postmeter's Worker with everything enabled: an API key, a route, its objects, and a PostgreSQL for billing. */

import { randomBytes } from 'node:crypto';
import { migratePostgres } from '../../../src/adapters/postgres/connection/migrate.ts';
import { adminOf } from '../../edge/admin.ts';
import { startWorkerd, type WorkerdOptions } from '../../support/edge/workerd.ts';
import { ask } from '../../support/http/ask.ts';
import { startPostgres } from '../../support/services/postgres.ts';
import { until } from '../../support/until.ts';
import { ALONE, cpuMicrosOf, type EdgeServer } from './edge-server.ts';

export interface PostmeterOptions {
  readonly name: string;
  readonly originUrl: string;
  /** The folder of the Worker. */
  readonly bundle: string;
  /** The Worker's file in it. Default `worker.js`. */
  readonly script?: string;
  readonly durability: 'strict' | 'relaxed';
  readonly miniflare?: WorkerdOptions['miniflare'];
}

export interface PostmeterWorker extends EdgeServer {
  /** Posts of the client in the ledger. */
  posts(): Promise<number>;
  readonly log: readonly string[];
}

const CLIENT = 'bench';

/** Resolves when the client's key is known. */
export async function startPostmeterWorker(options: PostmeterOptions): Promise<PostmeterWorker> {
  const { name, originUrl, bundle, script, durability } = options;
  const postgres = await startPostgres();
  await migratePostgres(postgres.url);
  const adminToken = randomBytes(24).toString('hex');
  const worker = await startWorkerd({
    bundle,
    ...(script === undefined ? {} : { script }),
    upstream: originUrl,
    databaseUrl: postgres.url,
    config: { routes: [{ path: '/posts/*', posts: [{ json: '$.data[*]' }] }], edge: { durability } },
    adminToken,
    // Miniflare's own proxy to the server throws if a connection ends during a write.

    miniflare: { ...ALONE, ...options.miniflare },
  });
  const admin = adminOf(worker.url, adminToken);
  const key = randomBytes(24).toString('hex');
  // The administration reports an error until it reaches PostgreSQL, so the call is repeated.
  await until('the client is created', () => admin('POST', '/v1/clients', { id: CLIENT, name: 'Bench' }), {
    intervalMs: 1_000,
  });
  await admin('POST', `/v1/clients/${CLIENT}/identifiers`, { kind: 'api_key', key });
  const headers = { authorization: `Bearer ${key}`, 'cf-connecting-ip': '198.51.100.1' };
  await until(
    'the Worker knows the key',
    async () => (await ask(worker.url, '/', { headers })).status !== 401,
    { timeoutMs: 60_000 },
  );
  return {
    name,
    url: worker.url,
    pid: worker.pid,
    headers,
    log: worker.log,
    cpuMicros: () => cpuMicrosOf(worker.pid),
    posts: async () => {
      const { points } = await admin<Usage>('GET', `/v1/clients/${CLIENT}/usage?step=day`);
      return points.reduce((sum, { posts }) => sum + posts, 0);
    },
    stop: async () => {
      await worker.stop();
      await postgres.stop();
    },
  };
}

interface Usage {
  readonly points: readonly { readonly posts: number }[];
}
