import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { openLedger } from '../../../src/entry/stores/ledger.ts';
import { freshDatabase } from '../../support/services/fresh-database.ts';

const EXAMPLE = { journalId: 'j', firstSequence: 1, lastSequence: 1, usage: [] };

test('DATABASE_URL opens PostgreSQL, migrated once', async () => {
  const database = await freshDatabase('entry');
  onTestFinished(() => database.drop());
  const first = await openLedger({ DATABASE_URL: database.url });
  expect(first.kind).toBe('postgres');
  expect(first.migrated).toBeGreaterThan(0);
  expect(await first.usage.take(EXAMPLE)).toBe(1);
  const second = await openLedger({ DATABASE_URL: database.url, POSTMETER_SECRET: 'mine' });
  expect(second.migrated).toBe(0);
  expect(await second.usage.lastSequence('j')).toBe(1);
  expect((await second.directory.keySecret()).toString()).toBe('mine');
  await first.close();
  await second.close();
});

test('without it the ledger is in DATA_DIR, and available at the next start', async () => {
  const dataDir = await temporaryFolder();
  const first = await openLedger({ DATA_DIR: dataDir, DATABASE_URL: '' });
  expect(first.kind).toBe('pglite');
  expect(await first.usage.take(EXAMPLE)).toBe(1);
  const secret = await first.directory.keySecret();
  await first.close();
  const second = await openLedger({ DATA_DIR: dataDir });
  expect(await second.usage.lastSequence('j')).toBe(1);
  expect(await second.directory.keySecret()).toEqual(secret);
  await second.close();
});

test.each(['db.example/postmeter', 'mysql://u:hidden@db/x'])(
  '%s is refused and not repeated',
  async (url) => {
    const refused = openLedger({ DATABASE_URL: url });
    await expect(refused).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.not.stringContaining('hidden'),
    });
  },
);

test('postmeter migrate reports what it did, and that there is nothing more to do', async () => {
  const dataDir = await temporaryFolder();
  const migrate = new URL('../../../src/entry/commands/setup/migrate.ts', import.meta.url).href;
  const script = `const { migrateCommand } = await import(${JSON.stringify(migrate)});
    await migrateCommand().parseAsync([], { from: 'user' });`;
  const run = async () => {
    const env = { ...process.env, DATA_DIR: dataDir, DATABASE_URL: '' };
    const options = ['--import', 'tsx', '--input-type=module', '-e', script];
    return (await promisify(execFile)(process.execPath, options, { env })).stdout;
  };
  expect(await run()).toMatch(/^Applied \d+ migrations; the tables are up to date\.\n$/);
  expect(await run()).toBe('The tables were up to date; nothing to do.\n');
});

test('a command that only reads does not create or migrate a ledger, and names the fix', async () => {
  const dataDir = await temporaryFolder();
  const embedded = openLedger({ DATA_DIR: dataDir }, { mustExist: true });
  await expect(embedded).rejects.toMatchObject({
    code: 'ledger_missing',
    message: expect.stringContaining('Set DATABASE_URL'),
  });
  expect(await readdir(dataDir)).toEqual([]);

  const database = await freshDatabase('entry-read');
  onTestFinished(() => database.drop());
  const read = () => openLedger({ DATABASE_URL: database.url }, { mustExist: true });
  await expect(read()).rejects.toMatchObject({
    code: 'ledger_missing',
    message: expect.stringContaining('postmeter migrate'),
  });
  const made = await openLedger({ DATABASE_URL: database.url });
  const existing = await read();
  expect(existing.migrated).toBe(0);
  await existing.close();
  await made.db.execute(
    'delete from drizzle.__drizzle_migrations where id = (select max(id) from drizzle.__drizzle_migrations)',
  );
  await expect(read()).rejects.toMatchObject({
    code: 'ledger_outdated',
    message: expect.stringContaining('1 migration is missing'),
  });
  await made.close();
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postmeter-entry-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}
