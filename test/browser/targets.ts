/** The console as it is deployed: Node with the embedded ledger, Node with PostgreSQL, and the bundled Worker. */

import { inject } from 'vitest';
import type { LedgerDb } from '../../src/adapters/postgres/connection/db.ts';
import { migratePostgres } from '../../src/adapters/postgres/connection/migrate.ts';
import { openPostgres } from '../../src/adapters/postgres/connection/open.ts';
import { ADMIN_TOKEN, apiRig } from '../admin/api-rig.ts';
import { startWorkerd } from '../support/edge/workerd.ts';
import { ask } from '../support/http/ask.ts';
import { startScriptedOrigin } from '../support/origins/scripted.ts';
import { freshDatabase } from '../support/services/fresh-database.ts';
import type { SeedCall } from './seed-console.ts';

export interface Target {
  /** Of the console, as the browser names it. */
  readonly url: string;
  /** Of the platform through the gateway; null if the target has no gateway. */
  readonly gatewayUrl: string | null;
  readonly db: LedgerDb;
  readonly call: SeedCall;
  stop(): Promise<void>;
}

/** What the platform behind the Worker answers to everything. */
export const PLATFORM_PAGE = 'a page of the platform';

async function onNode(kind: 'pglite' | 'postgres'): Promise<Target> {
  const rig = await apiRig(kind, `browser-${kind}`);
  return { url: rig.url, gatewayUrl: null, db: rig.db, call: callOf(rig.url), stop: () => rig.close() };
}

async function onWorker(): Promise<Target> {
  const database = await freshDatabase('browser-worker');
  await migratePostgres(database.url);
  const ledger = await openPostgres(database.url);
  const origin = await startScriptedOrigin((_url, response) => response.end(PLATFORM_PAGE));
  const worker = await startWorkerd({
    ...{ bundle: inject('workerBundle'), upstream: origin.url, databaseUrl: database.url },
    adminToken: ADMIN_TOKEN,
    // Chromium takes names below `localhost` for this machine, and for as safe as TLS.
    adminHost: 'admin.localhost',
  });
  const url = worker.url.replace('127.0.0.1', 'admin.localhost');
  return {
    ...{ url, gatewayUrl: worker.url, db: ledger.db, call: callOf(url) },
    stop: async () => {
      await worker.stop();
      await origin.stop();
      await ledger.close();
      await database.drop();
    },
  };
}

export const TARGETS: ReadonlyArray<readonly [name: string, start: () => Promise<Target>]> = [
  ['Node with the embedded ledger', () => onNode('pglite')],
  ['Node with PostgreSQL', () => onNode('postgres')],
  ['the bundled Worker', onWorker],
];

function callOf(url: string): SeedCall {
  return async (method, path, body) => {
    const { host, port } = new URL(url);
    const headers = { host, authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' };
    // Node does not resolve names below `localhost`.
    const answer = await ask(`http://127.0.0.1:${port}`, path, { method, headers }, JSON.stringify(body));
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    return JSON.parse(String(answer.body));
  };
}
