/**
 * A whole installation: gateways, PostgreSQL, Redis, an origin and clients, with a network that can fail between each
 * gateway and each server. It knows what every client received and what the origin sent.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { addClients, metricOf } from '../support/gateway/accounts.ts';
import { LEAPING_CLOCK, LEAPING_SKEW } from '../support/gateway/leaping-clock.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { type PostsOrigin, startPostsOrigin } from '../support/origins/posts.ts';
import { startPostgres, type TestPostgres } from '../support/services/postgres.ts';
import { startRedis, type TestRedis } from '../support/services/redis.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import { type Load, type LoadOptions, startLoad, type Taker } from './load.ts';

/** The gateways' database account. It is not a superuser, so limits apply to it. */
export const ROLE = 'postmeter';

export interface Site {
  readonly origin: PostsOrigin;
  readonly postgres: TestPostgres;
  readonly redis: TestRedis;
  /** Each has its own data folder. `restart` replaces the entry. */
  readonly gateways: GatewayProcess[];
  /** The networks of the gateway with the same index. */
  readonly networks: readonly Network[];
  readonly takers: readonly Taker[];
  /** Every load so far. */
  readonly loads: readonly Load[];
  /** URL of the ledger's database as superuser, without the networks. */
  readonly databaseUrl: string;
  load(options?: Partial<LoadOptions>): Load;
  /** Starts an ended gateway again on its data folder. */
  restart(at: number): Promise<void>;
  /** Resolves when the ledger has everything of all gateways, and they know the totals again. */
  healed(): Promise<void>;
  stop(): Promise<void>;
}

export interface Network {
  readonly ledger: TcpProxy;
  readonly windows: TcpProxy;
}

export interface SiteOptions {
  readonly gateways: number;
  readonly clients: readonly string[];
  readonly config?: Record<string, unknown>;
  readonly env?: Record<string, string>;
  /** The data folder of a single gateway. By default each has a new one. */
  readonly dataDir?: string;
  /** The tablespace of the database. By default it is in PostgreSQL's data folder. */
  readonly tablespace?: string;
  /** See `startPostsOrigin`. */
  readonly originDelayMs?: number;
}

export const ROUTES = [{ path: '/posts', posts: [{ json: '$.data[*]' }] }];
/** Some recover only on the second attempt, after a time-out of 30 s. */
const HEALING = { timeoutMs: 90_000, intervalMs: 50 };

export async function startSite(options: SiteOptions): Promise<Site> {
  const [origin, ledger, redis] = await Promise.all([
    startPostsOrigin(options.originDelayMs),
    startPostgres(),
    startRedis(),
  ]);
  const databaseUrl = await makeDatabase(ledger.url, options.tablespace);
  const gatewayUrl = new URL(databaseUrl);
  gatewayUrl.username = ROLE;
  const places = await Promise.all(
    Array.from({ length: options.gateways }, async () => ({
      dataDir: options.dataDir ?? (await mkdtemp(join(tmpdir(), 'postmeter-faults-'))),
      ledger: await startTcpProxy(Number(gatewayUrl.port)),
      windows: await startTcpProxy(Number(new URL(redis.url).port)),
    })),
  );
  const start = (at: number): Promise<GatewayProcess> =>
    startGatewayProcess({
      upstream: origin.url,
      config: { routes: ROUTES, clock: LEAPING_SKEW, ...options.config },
      dataDir: places[at]!.dataDir,
      env: {
        ...LEAPING_CLOCK,
        DATABASE_URL: places[at]!.ledger.through(gatewayUrl.href),
        REDIS_URL: places[at]!.windows.through(redis.url),
        ...options.env,
      },
    });
  const gateways = await Promise.all(places.map((_, at) => start(at)));
  const takers = await takersOf(gateways, options.clients);
  const loads: Load[] = [];

  return {
    origin,
    postgres: ledger,
    redis,
    gateways,
    networks: places,
    takers,
    loads,
    databaseUrl,
    load: (wanted) => {
      const load = startLoad({ takers, gateways: () => gateways.map(({ url }) => url), ...wanted });
      loads.push(load);
      return load;
    },
    restart: async (at) => {
      gateways[at] = await start(at);
    },
    healed: async () => {
      for (const gateway of gateways)
        await until('all usage is in the ledger', () => hasShipped(gateway), HEALING);
    },
    stop: async () => {
      await Promise.all(loads.map((load) => load.stop()));
      await Promise.all(gateways.map((gateway) => gateway.kill()));
      await Promise.all(places.flatMap((place) => [place.ledger.stop(), place.windows.stop()]));
      await Promise.all([origin.stop(), ledger.stop(), redis.stop()]);
      if (options.dataDir !== undefined) return;
      await Promise.all(places.map(({ dataDir }) => rm(dataDir, { recursive: true, force: true })));
    },
  };
}

async function hasShipped(gateway: GatewayProcess): Promise<boolean> {
  const [reachable, waiting, degraded] = await Promise.all([
    metricOf(gateway, 'postmeter_ledger_reachable'),
    metricOf(gateway, 'postmeter_journal_unconfirmed_records'),
    metricOf(gateway, 'postmeter_window_store_degraded'),
  ]);
  return reachable === 1 && waiting === 0 && degraded === 0;
}

/** Clients with a key, and one that is known only by its address. */
async function takersOf(gateways: readonly GatewayProcess[], clients: readonly string[]): Promise<Taker[]> {
  const keys = await addClients(gateways, clients);
  return [
    ...clients.map((clientId) => ({ clientId, headers: { authorization: `Bearer ${keys.get(clientId)}` } })),
    { clientId: 'addr:127.0.0.31', localAddress: '127.0.0.31' },
  ];
}

async function makeDatabase(serverUrl: string, tablespace: string | undefined): Promise<string> {
  const sql = postgres(serverUrl, { max: 1 });
  try {
    await sql.unsafe(`create role ${ROLE} login`);
    if (tablespace !== undefined) await sql.unsafe(`create tablespace apart location '${tablespace}'`);
    const place = tablespace === undefined ? '' : 'tablespace apart';
    await sql.unsafe(`create database faults owner ${ROLE} ${place}`);
  } finally {
    await sql.end();
  }
  return new URL('/faults', serverUrl).href;
}
