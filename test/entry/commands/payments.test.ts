/** `postmeter payments` and `postmeter statement` on the ledger itself. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { migratePostgres } from '../../../src/adapters/postgres/connection/migrate.ts';
import { openPostgres } from '../../../src/adapters/postgres/connection/open.ts';
import { paymentsCommand } from '../../../src/entry/commands/billing/payments.ts';
import { statementCommand } from '../../../src/entry/commands/billing/statement.ts';
import { addClients, issued } from '../../adapters/postgres/receivable/issued.ts';
import { type FreshDatabase, freshDatabase } from '../../support/services/fresh-database.ts';

let database: FreshDatabase;
let folder: string;
beforeAll(async () => {
  database = await freshDatabase('payment-commands');
  folder = await mkdtemp(join(tmpdir(), 'postmeter-payments-'));
  await migratePostgres(database.url);
  const ledger = await openPostgres(database.url);
  await addClients(ledger.db, 'globex');
  await issued(ledger.db, 10_000n, { on: '2026-03-01' });
  await ledger.close();
  vi.stubEnv('DATABASE_URL', database.url);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await database.drop();
  await rm(folder, { recursive: true });
});

async function run(command: Command, ...args: string[]): Promise<string> {
  let out = '';
  for (const one of [command, ...command.commands]) {
    one.exitOverride().configureOutput({ writeOut: (text) => (out += text), writeErr: () => {} });
  }
  await command.parseAsync(args, { from: 'user' });
  return out.trim();
}

it('a payment is recorded, allocated to the oldest debt, listed and stated; a file is imported once', async () => {
  const money = [
    '--received-on',
    '2026-04-02',
    '--amount',
    '60.00',
    '--currency',
    'USD',
    '--client-id',
    'globex',
  ];
  const recorded = JSON.parse(await run(paymentsCommand(), 'record', ...money, '--format', 'json'));
  const [{ id }] = recorded.payments;
  expect(await run(paymentsCommand(), 'allocate', id, '--format', 'csv')).toContain(',60.00,60.00,0.00,USD');
  await expect(run(paymentsCommand(), 'allocate', id)).rejects.toThrow('nothing is proposed');

  const file = join(folder, 'bank.csv');
  await writeFile(file, 'Date,Amount,Name\n2026-04-03,70.00,globex BV\n');
  const columns = ['--received-on', 'Date', '--amount', 'Amount', '--payer', 'Name', '--source', 'bank'];
  const args = ['import', file, ...columns, '--format', 'csv'];
  expect(await run(paymentsCommand(), ...args)).toMatch(/likely,payer,[^,]+: 40\.00,left,$/);
  expect(await run(paymentsCommand(), ...args, '--record', '--confirm', '1')).toContain(',recorded,');
  expect(await run(paymentsCommand(), ...args, '--record', '--confirm', '1')).toContain(',repeated,');
  await expect(run(paymentsCommand(), 'import', join(folder, 'none.csv'), ...columns)).rejects.toThrow(
    'cannot read',
  );

  expect(await run(paymentsCommand(), 'list', '--left', '--format', 'csv')).toContain(
    ',70.00,40.00,30.00,USD',
  );
  const lines = (await run(statementCommand(), 'globex', '--from', '2026-04-01', '--format', 'csv')).split(
    /\r?\n/,
  );
  expect(lines.slice(1, 4)).toEqual([
    '2026-04-01,opening,,,,,100.00',
    '2026-04-02,payment,,,,-60.00,40.00',
    '2026-04-03,payment,,globex BV,,-70.00,-30.00',
  ]);
  await expect(run(statementCommand(), 'nobody')).rejects.toThrow('does not exist');
});
