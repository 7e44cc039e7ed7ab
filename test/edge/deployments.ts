/** The three kinds of deployment, live, with the same interface over HTTP. */

import { migratePostgres } from '../../src/adapters/postgres/connection/migrate.ts';
import { ADMIN_HOST, startWorkerd } from '../support/edge/workerd.ts';
import { ADMIN_TOKEN, type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { ask, type Reply } from '../support/http/ask.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';
import { freshRedis } from '../support/services/fresh-redis.ts';

export const DEPLOYMENTS = ['embedded', 'servers', 'workerd'] as const;
export type DeploymentKind = (typeof DEPLOYMENTS)[number];

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Returns the headers by which a proxy in front of this deployment reports the client's address. */
  readonly address?: string;
}

export interface AdminReply {
  readonly status: number;
  readonly headers: Reply['headers'];
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: any response of the API; tests check what they expect
  readonly json: any;
}

export interface AdminAsked {
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Deployment {
  readonly kind: DeploymentKind;
  ask(path: string, asked?: Asked): Promise<Reply>;
  admin(method: string, path: string, body?: unknown, asked?: AdminAsked): Promise<AdminReply>;
  /** Resolves when billing has run after the call. */
  bill(): Promise<void>;
  stop(): Promise<void>;
}

export interface DeploymentOptions {
  readonly upstream: string;
  readonly config: Record<string, unknown>;
  /** The Worker's bundle, for `workerd`. */
  readonly bundle: string;
}

const BILLING_SECONDS = 1;

export async function startDeployment(kind: DeploymentKind, options: DeploymentOptions): Promise<Deployment> {
  if (kind === 'workerd') return onWorkerd(options);
  const config = {
    ...options.config,
    billing: { intervalSeconds: BILLING_SECONDS },
    trustedProxies: ['loopback'],
  };
  if (kind === 'embedded')
    return onNode(kind, await startGatewayProcess({ ...options, config }), async () => {});
  const [database, redis] = await Promise.all([freshDatabase('conformance'), freshRedis()]);
  const env = { DATABASE_URL: database.url, REDIS_URL: redis.url };
  return onNode(kind, await startGatewayProcess({ ...options, config, env }), async () => {
    await Promise.all([database.drop(), redis.drop()]);
  });
}

function onNode(kind: DeploymentKind, gateway: GatewayProcess, cleanUp: () => Promise<void>): Deployment {
  return {
    kind,
    ask: (path, asked = {}) => sendTo(gateway.url, path, asked, 'x-forwarded-for'),
    admin: (method, path, body, asked) => askAdmin(gateway.adminUrl, method, path, body, asked),
    // Billing runs by its timer. The second run from now has started after this call.
    bill: () => new Promise((resolve) => setTimeout(resolve, 3 * BILLING_SECONDS * 1000)),
    stop: async () => {
      await gateway.stop();
      await cleanUp();
    },
  };
}

async function onWorkerd({ upstream, config, bundle }: DeploymentOptions): Promise<Deployment> {
  const database: FreshDatabase = await freshDatabase('conformance');
  await migratePostgres(database.url);
  const databaseUrl = database.url;
  const worker = await startWorkerd({ bundle, upstream, databaseUrl, config, adminToken: ADMIN_TOKEN });
  return {
    kind: 'workerd',
    ask: (path, asked = {}) => sendTo(worker.url, path, asked, 'cf-connecting-ip'),
    admin: (method, path, body, asked = {}) => {
      const headers = { ...asked.headers, host: ADMIN_HOST, 'cf-connecting-ip': '127.0.0.1' };
      return askAdmin(worker.url, method, path, body, { ...asked, headers });
    },
    bill: worker.bill,
    stop: async () => {
      await worker.stop();
      await database.drop();
    },
  };
}

/** Every client sends Accept-Encoding, as browsers and libraries do. The host is the same everywhere. */
const CLIENT_HEADERS = { host: 'platform.test', 'accept-encoding': 'gzip, deflate, br, zstd' };
const USUAL_ADDRESS = '198.51.100.1';

function sendTo(url: string, path: string, asked: Asked, addressHeader: string): Promise<Reply> {
  const { method = 'GET', address = USUAL_ADDRESS, body } = asked;
  const headers = { ...CLIENT_HEADERS, [addressHeader]: address, ...asked.headers };
  return ask(url, path, { method, headers }, body);
}

async function askAdmin(
  url: string,
  method: string,
  path: string,
  body: unknown,
  { token = ADMIN_TOKEN, headers = {} }: AdminAsked = {},
): Promise<AdminReply> {
  const sent = {
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...headers,
  };
  const reply = await ask(
    url,
    path,
    { method, headers: sent },
    body === undefined ? '' : JSON.stringify(body),
  );
  const text = reply.body.toString();
  const isJson = /json/.test(String(reply.headers['content-type']));
  return { status: reply.status, headers: reply.headers, text, json: isJson ? JSON.parse(text) : undefined };
}
