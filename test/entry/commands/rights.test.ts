/** `postmeter rights` on the ledger itself. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { migratePostgres } from '../../../src/adapters/postgres/connection/migrate.ts';
import { rightsCommand } from '../../../src/entry/commands/rights/rights.ts';
import { UsageError } from '../../../src/entry/usage-error.ts';
import { type FreshDatabase, freshDatabase } from '../../support/services/fresh-database.ts';

let database: FreshDatabase;
let folder: string;
beforeAll(async () => {
  database = await freshDatabase('rights-commands');
  await migratePostgres(database.url);
  folder = await mkdtemp(join(tmpdir(), 'postmeter-rights-'));
  vi.stubEnv('DATABASE_URL', database.url);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
  await database.drop();
});

/** Returns what the command wrote to standard output. */
async function run(...args: string[]): Promise<string> {
  let out = '';
  const quiet = (command: Command): void => {
    command.exitOverride().configureOutput({ writeOut: (text) => (out += text), writeErr: () => {} });
    for (const below of command.commands) quiet(below);
  };
  const command = rightsCommand();
  quiet(command);
  await command.parseAsync(args, { from: 'user' });
  return out.trim();
}

async function file(name: string, ...rows: string[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, ['kind,scope,name,state,value,effective_at', ...rows, ''].join('\n'));
  return path;
}

describe('postmeter rights', () => {
  it('states a setting, and explains it', async () => {
    const reason = ['--reason', 'asked by the author'];
    expect(await run('set', 'author', 'ann', 'no_training', ...reason)).toMatch(/^Stored as setting 1\./);
    expect(await run('set', 'author', 'ann', 'no_training', ...reason)).toMatch(/already stated this/);
    await run('set', 'post', '7', 'no_training', 'off', ...reason, '--source', 'ann');
    const explained = JSON.parse(await run('explain', '--post', '7', '--author', 'ann', '--format', 'json'));
    expect(explained.settings).toMatchObject([
      { subject: 'post 7', state: 'no_training', value: 'off', source: 'ann', holds: true },
      { subject: 'author ann', value: 'on', source: 'operator', holds: false, reason: 'asked by the author' },
    ]);
    expect(await run('explain', '--post', 'unknown')).toBe('No setting concerns these subjects.');
  });

  it('imports a file, first without storing it', async () => {
    const path = await file('list.csv', 'post,,i1,deleted,on,2026-01-01T00:00:00Z', 'post,,i2,private,,');
    const options = ['--source', 'file', '--reason', 'list of March'];
    const dry = await run('import', path, ...options, '--dry-run');
    expect(dry).toBe('2 rows: 2 settings would be stored, 0 repeat what the source has stated.');
    expect(await run('subjects', '--state', 'deleted', '--format', 'csv')).not.toContain('i1');
    expect(JSON.parse(await run('import', path, ...options, '--format', 'json'))).toMatchObject({
      stored: 2,
    });
    expect(await run('subjects', '--state', 'deleted', '--format', 'csv')).toContain('post,,i1,deleted');
    expect(await run('sources')).toMatch(/file .* 2 /);
  });

  it('refuses a file that lifts too much, and names the way to allow it', async () => {
    const rows = ['a', 'b', 'c'].map((name) => `post,,truth-${name},private,on,`);
    const options = ['--source', 'truth', '--reason', 'sync', '--replace-source'];
    await run('import', await file('truth.csv', ...rows), ...options);
    const shorter = await file('shorter.csv', ...rows.slice(1));
    await expect(run('import', shorter, ...options)).rejects.toThrow(
      /would lift 1 of the 3 states.*maxLift=34/,
    );
    expect(await run('import', shorter, ...options, '--max-lift', '34')).toContain('1 states are lifted');
    expect(await run('subjects', '--state', 'private', '--format', 'csv')).not.toContain('truth-a');
  });

  it('refuses wrong rows, states and files as wrong use', async () => {
    const wrong = await file('wrong.csv', 'post,,w1,trained,on,');
    const options = ['--source', 'file', '--reason', 'x'];
    const refused = run('import', wrong, ...options);
    await expect(refused).rejects.toThrow(/row 1: state is not one of the allowed values/);
    await expect(refused).rejects.toBeInstanceOf(UsageError);
    await expect(run('import', join(folder, 'none.csv'), ...options)).rejects.toThrow(/cannot be read/);
    await expect(run('set', 'post', '1', 'trained', '--reason', 'x')).rejects.toThrow(/Allowed choices/);
    await expect(run('explain')).rejects.toThrow(/name a post/);
  });

  it('sends a large file in parts', async () => {
    const name = (at: number) => `${at}-${'x'.repeat(900)}`;
    const rows = Array.from({ length: 15_000 }, (_, at) => `post,,${name(at)},no_search,on,`);
    const path = await file('large.csv', ...rows);
    const options = ['--source', 'large', '--reason', 'x'];
    const result = JSON.parse(await run('import', path, ...options, '--format', 'json'));
    expect(result).toMatchObject({ rows: 15_000, stored: 15_000, repeated: 0 });
    await expect(run('import', path, ...options, '--replace-source')).rejects.toThrow(/needs the whole file/);
  });
});
