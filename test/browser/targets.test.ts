/** Each page once on the other two deployments: Node on PostgreSQL, and the bundled Worker. */

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { migratePostgres } from '../../src/adapters/postgres/connection/migrate.ts';
import { ADMIN_TOKEN, apiRig } from '../admin/api-rig.ts';
import { startWorkerd } from '../support/edge/workerd.ts';
import { ask } from '../support/http/ask.ts';
import { freshDatabase } from '../support/services/fresh-database.ts';
import { BROWSER_PAGES } from './console-pages.ts';
import { type SeedCall, seedConsole } from './seed-console.ts';
import { accessibilityFaults, openBrowser, type Visit, visitConsole } from './visit.ts';

interface Target {
  readonly url: string;
  stop(): Promise<void>;
}

async function nodeOnPostgres(): Promise<Target> {
  const rig = await apiRig('postgres', 'browser-postgres');
  return { url: rig.url, stop: () => rig.close() };
}

/** The platform of the Worker is away: pages ask for nothing of it. */
async function bundledWorker(): Promise<Target> {
  const database = await freshDatabase('browser-worker');
  await migratePostgres(database.url);
  const worker = await startWorkerd({
    ...{ bundle: inject('workerBundle'), upstream: 'http://127.0.0.1:9', databaseUrl: database.url },
    adminToken: ADMIN_TOKEN,
    // Chromium takes names below `localhost` for this machine, and for as safe as TLS.
    adminHost: 'admin.localhost',
  });
  return {
    url: worker.url.replace('127.0.0.1', 'admin.localhost'),
    stop: async () => {
      await worker.stop();
      await database.drop();
    },
  };
}

const callOf =
  (url: string): SeedCall =>
  async (method, path, body) => {
    const { host, port } = new URL(url);
    const headers = { host, authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' };
    // Node does not resolve names below `localhost`.
    const answer = await ask(`http://127.0.0.1:${port}`, path, { method, headers }, JSON.stringify(body));
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
  };

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());

describe.each([
  ['Node on PostgreSQL', nodeOnPostgres],
  ['the bundled Worker', bundledWorker],
] as const)('%s', (_name, start) => {
  let target: Target;
  let visit: Visit;
  beforeAll(async () => {
    target = await start();
    await seedConsole(callOf(target.url));
    visit = await visitConsole(browser, target.url, ADMIN_TOKEN);
  });
  afterAll(async () => {
    // The stream of changes of an open page would hold up the end of the server.
    await visit?.context.close();
    await target?.stop();
  });

  test.each(BROWSER_PAGES)('has the page $path', async ({ path, title }) => {
    const response = await visit.page.goto(target.url + path);
    expect(response?.status()).toBe(200);
    await expect(visit.page.getByRole('heading', { level: 1 }).innerText()).resolves.toMatch(title);
    expect(await accessibilityFaults(visit.page)).toEqual([]);
    expect(visit.faults).toEqual([]);
  });
});
