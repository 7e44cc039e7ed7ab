/** No log line, error, metric, audit row or journal contains a secret, whatever fails. */

import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { untilKnown } from '../support/gateway/accounts.ts';
import { ADMIN_TOKEN, type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { ask } from '../support/http/ask.ts';
import { type RecordingOrigin, startRecordingOrigin } from '../support/origins/bytes.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';
import { type FreshRedis, freshRedis } from '../support/services/fresh-redis.ts';
import { type MarkedAccount, markedPostgres, markedRedis } from './marked-services.ts';

const CLI = fileURLToPath(new URL('../../dist/entry/cli.js', import.meta.url));
const OF_POSTGRES = 'mark-postgres-5d1c';
const OF_REDIS = 'mark-redis-77aa';
const KEY_SECRET = 'mark-key-secret-4f0e';
const WRONG_TOKEN = 'pmt_mark-wrong-token-91b2';
const WRONG_KEY = 'pmk_mark-wrong-key-c3c3';
const OWN_KEY = 'mark-own-key-of-a-client-08e6';
const COOKIE = 'mark-cookie-2b2b';
const OF_PLATFORM = 'mark-token-of-the-platform-6e6e';

const secrets = [
  OF_POSTGRES,
  OF_REDIS,
  KEY_SECRET,
  WRONG_TOKEN,
  WRONG_KEY,
  OWN_KEY,
  COOKIE,
  OF_PLATFORM,
  ADMIN_TOKEN,
];
/** Everything that a person could read, with its origin. */
const shown: Array<readonly [from: string, text: string]> = [];

function leaks(): string[] {
  return shown.flatMap(([from, text]) =>
    secrets.filter((secret) => text.includes(secret)).map((secret) => `${secret} in ${from}`),
  );
}

let origin: RecordingOrigin;
let database: FreshDatabase;
let redis: FreshRedis;
let inPostgres: MarkedAccount;
let inRedis: MarkedAccount;

beforeAll(async () => {
  [origin, database, redis, inPostgres, inRedis] = await Promise.all([
    startRecordingOrigin(),
    freshDatabase('secrets'),
    freshRedis(),
    markedPostgres('known_user', OF_POSTGRES),
    markedRedis('known-user', OF_REDIS),
  ]);
  origin.answers.set('/reset', (socket) => socket.resetAndDestroy());
  origin.answers.set('/noise', 'noise\r\n\r\n');
});
afterAll(async () => {
  await origin?.stop();
  await database?.drop();
  await inPostgres?.drop();
  await inRedis?.drop();
});

const CONFIG = {
  identify: {
    credentials: [
      { from: 'bearer' },
      { from: 'header', name: 'X-API-Key' },
      { from: 'query', name: 'api_key' },
    ],
  },
  routes: [{ path: '/posts', posts: [{ json: '$.data[*]' }] }],
  upstream: { headersTimeoutMs: 2_000 },
};

async function asClient(gateway: GatewayProcess, path: string, headers: Record<string, string>) {
  const { status, headers: answered, body } = await ask(gateway.url, path, { headers });
  shown.push([`the gateway's answer to ${path}`, `${JSON.stringify(answered)} ${body}`]);
  return status;
}

async function asOperator(gateway: GatewayProcess, path: string, token: string, sent?: unknown) {
  const response = await fetch(gateway.adminUrl + path, {
    method: sent === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: sent === undefined ? null : typeof sent === 'string' ? sent : JSON.stringify(sent),
  });
  const text = await response.text();
  shown.push([`the administration's answer to ${path}`, `${[...response.headers]} ${text}`]);
  return { status: response.status, text };
}

describe('a gateway at the lowest log level', () => {
  let gateway: GatewayProcess;

  beforeAll(async () => {
    gateway = await startGatewayProcess({
      upstream: origin.url,
      config: CONFIG,
      env: {
        DATABASE_URL: inPostgres.urlOf(database.url),
        REDIS_URL: inRedis.urlOf(redis.url),
        POSTMETER_SECRET: KEY_SECRET,
        LOG_LEVEL: 'trace',
      },
    });
    await gateway.admin('POST', '/v1/clients', { id: 'acme', name: 'ACME' });
    await gateway.admin('POST', '/v1/clients/acme/identifiers', { kind: 'api_key', key: OWN_KEY });
    await untilKnown(gateway, OWN_KEY);
  });
  afterAll(() => gateway?.stop());

  test('serves clients with right, wrong and misplaced keys before an upstream that fails', async () => {
    const cookie = { cookie: `session=${COOKIE}` };
    expect(await asClient(gateway, '/posts', { ...cookie, authorization: `Bearer ${OWN_KEY}` })).toBe(200);
    const query = `api_key=${OWN_KEY}&access_token=${OF_PLATFORM}`;
    expect(await asClient(gateway, `/posts?${query}`, { 'x-api-key': OWN_KEY })).toBe(200);
    expect(await asClient(gateway, '/posts', { ...cookie, authorization: `Bearer ${WRONG_KEY}` })).toBe(401);
    expect(await asClient(gateway, `/posts?api_key=${WRONG_KEY}`, {})).toBe(401);
    for (const path of ['/reset', '/noise']) {
      expect(await asClient(gateway, path, { ...cookie, 'x-api-key': OWN_KEY })).toBe(502);
      expect(await asClient(gateway, `${path}?${query}`, {})).toBeGreaterThanOrEqual(200);
    }
    expect(gateway.log.join('\n')).toContain('the upstream failed');
  });

  test('refuses tokens and bodies of operators', async () => {
    const identifiers = '/v1/clients/acme/identifiers';
    expect((await asOperator(gateway, '/v1/clients', WRONG_TOKEN)).status).toBe(401);
    expect((await asOperator(gateway, '/v1/clients', `${WRONG_TOKEN} and more`)).status).toBe(401);
    for (const [sent, status] of [
      [{ kind: 'api_key', key: OWN_KEY }, 409],
      [{ kind: 'api_key', key: `${OWN_KEY} with a blank` }, 400],
      [{ kind: OWN_KEY }, 400],
      [`{"kind":"api_key","key":"${OWN_KEY}"`, 400],
    ] as const) {
      expect((await asOperator(gateway, identifiers, ADMIN_TOKEN, sent)).status).toBe(status);
    }
    const made = await asOperator(gateway, '/v1/tokens', ADMIN_TOKEN, { name: 'made', roles: ['viewer'] });
    // Only the answer that created the token shows it.
    shown.pop();
    const { token } = JSON.parse(made.text) as { token: string };
    secrets.push(token);
    expect((await asOperator(gateway, '/v1/tokens', token)).status).toBe(200);
    for (const path of ['/metrics', '/v1/audit', identifiers, '/v1/openapi.json', '/readyz']) {
      expect((await asOperator(gateway, path, token)).status).toBe(200);
    }
  });

  test('loses both stores, because their passwords have changed', async () => {
    await Promise.all([inPostgres.lockOut(), inRedis.lockOut()]);
    await expect.poll(() => gateway.log.join('\n'), { timeout: 20_000 }).toContain('WRONGPASS');
    await expect
      .poll(
        async () => {
          await asClient(gateway, '/posts', { 'x-api-key': OWN_KEY });
          await asOperator(gateway, '/v1/clients', ADMIN_TOKEN);
          return gateway.log.join('\n');
        },
        { timeout: 20_000 },
      )
      .toContain('password authentication failed');
    const lost = await asOperator(gateway, '/v1/clients/acme', ADMIN_TOKEN);
    expect(lost.status).toBe(500);
    expect(await asClient(gateway, '/posts', { 'x-api-key': OWN_KEY })).toBe(200);
    await Promise.all([inPostgres.letIn(), inRedis.letIn()]);
  });

  test('shows none of its secrets in log, answers, metrics, audit, ledger or journal', async () => {
    await gateway.stop(true);
    shown.push(['the log', gateway.log.join('\n')]);
    for (const file of filesBelow(gateway.dataDir)) shown.push([file, readFileSync(file, 'latin1')]);
    for (const [table, rows] of await tablesOf(database.url)) shown.push([`the table ${table}`, rows]);
    expect(shown.length).toBeGreaterThan(30);
    expect(shown.map(([from]) => from)).toContain('the table audit');
    expect(leaks()).toEqual([]);
  });

  test('writes one JSON object per log line', () => {
    expect(gateway.log.length).toBeGreaterThan(10);
    for (const line of gateway.log) expect(JSON.parse(line)).toMatchObject({ service: 'postmeter' });
  });
});

describe('a process that cannot start', () => {
  beforeAll(() => inPostgres.lockOut());
  const hosts = '127.0.0.1:1';
  test.concurrent.each<[what: string, args: readonly string[], env: Record<string, string>]>([
    ['is refused by PostgreSQL', ['serve'], { DATABASE_URL: 'turned away' }],
    ['is refused at another command', ['token', 'list'], { DATABASE_URL: 'turned away' }],
    ['finds no PostgreSQL', ['serve'], { DATABASE_URL: `postgres://u:${OF_POSTGRES}@${hosts}/x` }],
    ['has a URL of another scheme', ['serve'], { DATABASE_URL: `mysql://u:${OF_POSTGRES}@${hosts}/x` }],
    ['has no URL', ['serve'], { DATABASE_URL: `postgres://u:${OF_POSTGRES}@[::/x` }],
    ['has an invalid port', ['migrate'], { DATABASE_URL: `postgres://u:${OF_POSTGRES}@h:port/x` }],
    ['has an invalid URL of Redis', ['serve'], { REDIS_URL: `redis:/u:${OF_REDIS}@${hosts}` }],
    ['has a malformed URL of Redis', ['serve'], { REDIS_URL: `redis+cluster://u:${OF_REDIS}@[::` }],
    [
      'has a password in the URL of its platform',
      ['serve'],
      { UPSTREAM: `http://u:${OF_PLATFORM}@${hosts}` },
    ],
  ])('%s, and does not repeat its input', async (_what, args, env) => {
    if (env.DATABASE_URL === 'turned away') env.DATABASE_URL = inPostgres.urlOf(database.url);
    const { code, said } = await runCommand(args, env);
    expect([1, 2]).toContain(code);
    expect(said).toContain('postmeter: ');
    expect(said).not.toContain('mark');
  });
});

const NO_ROUTES = fileURLToPath(new URL('./no-routes.config.json', import.meta.url));

function runCommand(args: readonly string[], env: Record<string, string>) {
  const all = {
    PATH: process.env.PATH,
    LOG_LEVEL: 'trace',
    UPSTREAM: origin.url,
    PORT: '0',
    ADMIN_PORT: '0',
    POSTMETER_CONFIG: NO_ROUTES,
  };
  return new Promise<{ code: number | null; said: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      [CLI, ...args],
      { env: { ...all, ...env }, timeout: 30_000 },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, said: stdout + stderr }),
    );
  });
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Returns each whole table as text. */
async function tablesOf(url: string): Promise<Array<readonly [string, string]>> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const tables = await sql<{ name: string }[]>`
      select table_name as name from information_schema.tables where table_schema = 'public'`;
    return await Promise.all(
      tables.map(
        async ({ name }) => [name, JSON.stringify(await sql`select t::text from ${sql(name)} t`)] as const,
      ),
    );
  } finally {
    await sql.end();
  }
}
