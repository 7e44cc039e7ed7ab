/** `postmeter report` and `postmeter inbox` on the ledger itself. */

import type { Command } from 'commander';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { migratePostgres } from '../../../src/adapters/postgres/connection/migrate.ts';
import { openPostgres } from '../../../src/adapters/postgres/connection/open.ts';
import { inboxCommand } from '../../../src/entry/commands/billing/inbox.ts';
import { reportCommand } from '../../../src/entry/commands/billing/report.ts';
import { addRandomBook } from '../../adapters/postgres/report/random-book.ts';
import { type FreshDatabase, freshDatabase } from '../../support/services/fresh-database.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase('report-commands');
  await migratePostgres(database.url);
  const ledger = await openPostgres(database.url);
  await addRandomBook(ledger.db, 5, 30);
  await ledger.close();
  vi.stubEnv('DATABASE_URL', database.url);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await database.drop();
});

const run = (...args: string[]) => runOf(reportCommand(), args);

async function runOf(command: Command, args: readonly string[]): Promise<string> {
  let out = '';
  command.exitOverride().configureOutput({ writeOut: (text) => (out += text), writeErr: () => {} });
  await command.parseAsync(args, { from: 'user' });
  return out.trim();
}

it('prints a report as a table, JSON or CSV with the same figures', async () => {
  const args = ['ageing', '--as-at', '2026-02-01', '--currency', 'EUR'];
  const { rows, formula, asAt } = JSON.parse(await run(...args, '--format', 'json'));
  expect(asAt).toBe('2026-02-01');
  expect(formula.length).toBeGreaterThan(2);
  expect(rows.length).toBeGreaterThan(0);
  const csv = parse<Record<string, string>>(await run(...args, '--csv'), { columns: true });
  expect(csv.map(({ total }) => total)).toEqual(rows.map(({ total }: { total: string }) => total));
  const table = await run(...args);
  for (const { total } of rows) expect(table).toContain(total);
});

it('says that there is nothing to report, and refuses what the API refuses', async () => {
  expect(await run('write-offs', '--from', '2020-01-01', '--to', '2020-02-01')).toBe(
    'Nothing to report for these dates and filters.',
  );
  await expect(run('usage', '--currency', 'USD')).rejects.toThrow(/currency is not a parameter/);
  await expect(run('profit')).rejects.toThrow(/Allowed choices/);
});

it('prints what waits, of all roles', async () => {
  const { items } = JSON.parse(await runOf(inboxCommand(), ['--format', 'json']));
  expect(items.length).toBeGreaterThan(0);
  const table = await runOf(inboxCommand(), []);
  for (const { why } of items) expect(table).toContain(why);
});
