/**
 * A backup is restored ten times (three in CI), with the gateway running or stopped. No invoice number is given
 * twice, no post is missing, and issuing is held with an explanation until finance has advanced the series.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openFileJournal } from '../../src/adapters/node/journal/journal.ts';
import { openPostgres } from '../../src/adapters/postgres/connection/open.ts';
import { postgresUsageLedger } from '../../src/adapters/postgres/usage/ledger.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { openLog } from '../../src/entry/logs/log.ts';
import { type RunningPostmeter, startNode } from '../../src/entry/node.ts';
import { LedgerShipment } from '../../src/meter/ledger-shipment.ts';
import type { Usage } from '../../src/meter/usage.ts';
import { usageOf } from '../meter/usages.ts';
import type { Origin } from '../support/origins/listening.ts';
import { startOrigin } from '../support/origins/scripted.ts';
import { completeSellerAt } from '../support/sellers.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';
import { until } from '../support/until.ts';
import { dumpOf } from './restore.ts';
import { quarterInCi } from './rounds.ts';

const ROUNDS = quarterInCi(10);
const DAY_MS = 86_400_000;
const ADMIN_TOKEN = 'restore-drill-admin-token';
const CONFIG = JSON.stringify({
  routes: [{ path: '/posts', posts: [{ json: '$[*]' }] }],
  billing: { intervalSeconds: 1 },
});
const SOON = { timeoutMs: 60_000, intervalMs: 50 };

const folder = mkdtempSync(join(tmpdir(), 'postmeter-restore-'));
let database: FreshDatabase;
let origin: Origin;
let gateway: RunningPostmeter | undefined;
/** Posts that were delivered, by client. */
const delivered = { stopped: 0, running: 0 };
/** The register of a recipient: invoices by number. */
const given = new Map<number, string>();

beforeAll(async () => {
  database = await freshDatabase('restore');
  origin = await startOrigin((_request, response) => {
    response.setHeader('content-type', 'application/json').end('[{"id":1},{"id":2},{"id":3}]');
  });
  await start();
  await completeSellerAt(database.url);
  await billableClients();
});
afterAll(async () => {
  await gateway?.stop();
  await origin.stop();
  await database.drop();
  rmSync(folder, { recursive: true });
});

async function start(): Promise<void> {
  const loaded = parseConfig(CONFIG);
  if (!loaded.ok) throw new Error('the configuration of the drill is wrong');
  const env = {
    UPSTREAM: origin.url,
    ...{ PORT: 0, HOST: '127.0.0.1', ADMIN_PORT: 0, ADMIN_HOST: '127.0.0.1', ADMIN_TOKEN },
    ...{ DATABASE_URL: database.url, DATA_DIR: folder, LOG_LEVEL: 'silent' as const },
  };
  gateway = await startNode(env, loaded, openLog('silent'));
}

async function stop(): Promise<void> {
  await gateway?.stop();
  gateway = undefined;
}

interface Body {
  readonly id: string;
  readonly number: number;
  readonly contentHash: string;
  readonly detail: string;
  readonly last: number;
  readonly lastRecorded: number;
  readonly items: { id: string; code: string; reason: string }[];
}

interface Answer {
  readonly status: number;
  readonly body: Body;
}

async function admin(method: string, path: string, json?: unknown): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${gateway!.adminPort}${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  return { status: response.status, body: (await response.json()) as Body };
}

/** Creates two clients per round, each with a draft for a breach of three days ago. */
async function billableClients(): Promise<void> {
  const clients = Array.from({ length: 2 * ROUNDS }, (_, at) => `client-${at}`);
  const details = { legalName: 'A', address: 'B', email: 'c@d.example', currency: 'USD' };
  for (const id of clients) await admin('POST', '/v1/clients', { id, name: id, billing: details });
  const bucketMs = Math.floor((Date.now() - 3 * DAY_MS) / 60_000) * 60_000;
  await shipAsAnother(clients.map((clientId) => usageOf({ clientId, bucketMs, posts: 1_000_001 })));
  await until('every client has a draft', async () => (await drafts()).length === 2 * ROUNDS, SOON);
}

async function drafts(): Promise<{ id: string }[]> {
  return (await admin('GET', '/v1/invoices?status=draft&limit=100')).body.items;
}

/** Ships what a stopped gateway has left: a journal that the ledger had taken whole. */
async function shipAsAnother(usage: readonly Usage[]): Promise<void> {
  const journal = openFileJournal({ folder: join(folder, 'journals', '50') });
  const ledger = await openPostgres(database.url);
  try {
    // The shipment starts before the append, because records that it finds unreadable at its start count as lost, and
    // this one is not synced yet.
    const shipment = new LedgerShipment(journal, postgresUsageLedger(ledger.db));
    journal.append(usage);
    while (shipment.confirmed < journal.lastSequence) await shipment.step();
    journal.confirm(shipment.confirmed);
  } finally {
    await journal.close();
    await ledger.close();
  }
}

async function serve(requests: number): Promise<void> {
  for (let at = 0; at < requests; at++) {
    const response = await fetch(`http://127.0.0.1:${gateway!.port}/posts`);
    delivered.running += ((await response.json()) as unknown[]).length;
  }
  await until('the ledger has it', async () => (await postsOf('addr:127.0.0.1')) === delivered.running, SOON);
}

async function postsOf(clientId: string): Promise<number> {
  const sql = postgres(database.url, { max: 1 });
  try {
    const [row] =
      await sql`select coalesce(sum(posts), 0)::int as posts from usage where client_id = ${clientId}`;
    return row!.posts;
  } catch {
    return -1; // The database is being renamed.
  } finally {
    await sql.end();
  }
}

async function issue(id: string): Promise<Answer> {
  await admin('POST', `/v1/invoices/${id}/approve`);
  return admin('POST', `/v1/invoices/${id}/issue`);
}

/** Checks that no two invoices have the same number. */
function note({ status, body }: Answer): void {
  expect(status, JSON.stringify(body)).toBe(200);
  expect(given.has(body.number), `number ${body.number} is given twice`).toBe(false);
  given.set(body.number, `${body.id} ${body.contentHash}`);
}

async function holds(): Promise<{ id: string; code: string; reason: string }[]> {
  const { status, body } = await admin('GET', '/v1/billing-holds');
  return status === 200 ? body.items.filter(({ code }) => code === 'ledger_set_back') : [];
}

/** Runs from a backup to the next invoice. In even rounds the gateway runs meanwhile. */
async function round(number: number): Promise<void> {
  const [first, second] = await drafts();
  await serve(2);
  const dump = await dumpOf(database.url, folder);
  note(await issue(first!.id));
  await serve(2);
  delivered.stopped += 7;
  await shipAsAnother([usageOf({ clientId: 'stopped', bucketMs: bucket(), posts: 7 })]);

  const whileRunning = number % 2 === 0;
  if (!whileRunning) await stop();
  await dump.restore();
  if (!whileRunning) await start();

  await until('issuing is held', async () => (await holds()).length > 0, SOON);
  for (const { reason } of await holds())
    expect(reason).toMatch(/restored to an older state.*release this hold/);
  const refused = await issue(second!.id);
  expect(refused).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining('restored to an older state') },
  });

  await until(
    'the records shipped before are in the ledger again',
    async () =>
      (await postsOf('addr:127.0.0.1')) === delivered.running &&
      (await postsOf('stopped')) === delivered.stopped,
    SOON,
  );
  const series = (await admin('GET', '/v1/invoice-numbers')).body;
  expect(series.lastRecorded).toBe(Math.max(...given.keys()));
  expect(series.last).toBeLessThan(series.lastRecorded);
  const advance = { last: series.lastRecorded, reason: 'restored from the backup' };
  expect((await admin('POST', '/v1/invoice-numbers/advance', advance)).status).toBe(200);
  await until(
    'the held records are released',
    async () => {
      const found = await holds();
      for (const { id } of found)
        await admin('POST', `/v1/billing-holds/${id}/release`, { reason: 'restored' });
      return found.length === 0;
    },
    SOON,
  );
  note(await issue(second!.id));
}

function bucket(): number {
  return Math.floor(Date.now() / 60_000) * 60_000;
}

it('gives no number twice and misses no post after several restores', async () => {
  for (let number = 0; number < ROUNDS; number++) await round(number);
  expect(given.size).toBe(2 * ROUNDS);
});
