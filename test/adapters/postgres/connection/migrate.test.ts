import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { billingHoldStore } from '../../../../src/adapters/postgres/admin/billing-holds.ts';
import { holdClients } from '../../../../src/adapters/postgres/billing-holds.ts';
import { migratePostgres } from '../../../../src/adapters/postgres/connection/migrate.ts';
import { openPostgres } from '../../../../src/adapters/postgres/connection/open.ts';
import { tariffVersions } from '../../../../src/adapters/postgres/schema.ts';
import { auditDifferences } from '../../../../src/adapters/postgres/verification/audit.ts';
import { freshDatabase } from '../../../support/services/fresh-database.ts';
import { emptyLedger, LEDGER_KINDS } from '../empty-ledger.ts';
import { migrateTo } from '../old-ledger.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

test('one of three processes that start at once on an empty database migrates it, and all find it migrated', async () => {
  const database = await freshDatabase('migrate');
  onTestFinished(() => database.drop());
  const applied = await Promise.all([1, 2, 3].map(() => migratePostgres(database.url)));
  const names = await migrationNames();
  expect(applied.toSorted()).toEqual([0, 0, names.length]);
  expect(await migratePostgres(database.url)).toBe(0);
});

test('an unreachable server is an error with a code and a cause', async () => {
  const failed = migratePostgres('postgres://nobody@127.0.0.1:1/none');
  await expect(failed).rejects.toMatchObject({
    code: 'ledger_unavailable',
    message: expect.stringMatching(/ECONNREFUSED.*DATABASE_URL/),
    cause: expect.any(Error),
  });
});

test('a database that refuses the tables is reported with its own message, and keeps its content', async () => {
  const database = await freshDatabase('migrate_refused');
  onTestFinished(() => database.drop());
  const ledger = await openPostgres(database.url);
  onTestFinished(() => ledger.close());
  await ledger.sql.unsafe('create table usage (something text)');
  await expect(migratePostgres(database.url)).rejects.toMatchObject({
    code: 'migration_failed',
    message: expect.stringContaining('relation "usage" already exists'),
  });
  const tables = await ledger.sql.unsafe(
    "select table_name from information_schema.tables where table_schema = 'public'",
  );
  expect(tables.map((table) => table.table_name)).toEqual(['usage']);
});

test.each(LEDGER_KINDS)('%s: a new ledger has the default tariff, since 1970', async (kind) => {
  const { ledger, drop } = await emptyLedger(kind, 'migrate');
  onTestFinished(drop);
  const rows = await ledger.db.select().from(tariffVersions);
  expect(rows).toMatchObject([
    {
      clientId: null,
      version: 1,
      validFrom: new Date(0),
      createdBy: 'postmeter',
      terms: { price: '15000.00' },
    },
  ]);
});

test('the migrations make the whole schema', async () => {
  const copy = await mkdtemp(join(tmpdir(), 'postmeter-drizzle-'));
  onTestFinished(() => rm(copy, { recursive: true }));
  await cp(join(root, 'drizzle'), copy, { recursive: true });
  const kit = join(createRequire(import.meta.url).resolve('drizzle-kit'), '..', 'bin.cjs');
  // drizzle-kit puts './' before the folder, and exits with 0 if it fails. So its output is checked.
  const options = [
    '--dialect=postgresql',
    '--schema=./src/adapters/postgres/{schema,notify/tables,rights/tables,seller/tables,receivable/tables,proposal/tables,document/tables}.ts',
  ];
  const out = `--out=${relative(root, copy)}`;
  const { stdout } = await promisify(execFile)(process.execPath, [kit, 'generate', ...options, out], {
    cwd: root,
  });
  expect(stdout).toContain('No schema changes');
  expect(await migrationNames(copy)).toEqual(await migrationNames());
});

test('billing holds of a ledger with the former table and audit action are listed, guarded, verified and released', async () => {
  const database = await freshDatabase('migrate_holds');
  onTestFinished(() => database.drop());
  const ledger = await openPostgres(database.url, { maxConnections: 1 });
  onTestFinished(() => ledger.close());
  await migrateTo('0010_moved_posts', ledger.sql);
  await ledger.sql.unsafe(`
    insert into clients (id, name, source) values ('acme', 'ACME', 'operator');
    insert into parkings (id, client_id, code, reason, parked_at, parked_by) values
      ('0195f3a0-0000-7000-8000-000000000001', 'acme', 'batches_differ', 'differs', '2026-03-01T00:00:00Z', 'postmeter');
    insert into audit (at, actor, action, subject, reason, after) values
      ('2026-03-01T00:00:00Z', 'postmeter', 'client.parked', 'clients/acme', 'differs', '{"code":"batches_differ"}')`);

  expect(await migratePostgres(database.url)).toBeGreaterThan(0);

  const store = billingHoldStore(ledger.db);
  const { items } = await store.billingHolds({}, { limit: 10, after: null });
  expect(items).toMatchObject([
    {
      clientId: 'acme',
      code: 'batches_differ',
      heldAtMs: Date.parse('2026-03-01T00:00:00Z'),
      heldBy: 'postmeter',
    },
  ]);
  const ofHolds = async () =>
    (await auditDifferences(ledger.db)).filter(({ subject }) => subject.endsWith('/holds'));
  expect(await ofHolds()).toEqual([]);
  await expect(ledger.sql.unsafe(`update billing_holds set held_by = 'other'`)).rejects.toThrow(
    'never edited',
  );
  await store.releaseBillingHold(items[0]!.id, 'repaired', { actor: 'ops', atMs: Date.now() });
  expect(await ofHolds()).toEqual([]);
  await ledger.db.transaction((tx) =>
    holdClients(tx, [{ clientId: 'acme', code: 'operator', reason: 'again' }], 'ops'),
  );
  expect(await ofHolds()).toEqual([]);
});

async function migrationNames(folder = join(root, 'drizzle')): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
}
