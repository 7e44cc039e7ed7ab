/** `postmeter agents` on a ledger, offline. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { migratePostgres } from '../../../src/adapters/postgres/connection/migrate.ts';
import { agentsCommand } from '../../../src/entry/commands/agents.ts';
import { type FreshDatabase, freshDatabase } from '../../support/services/fresh-database.ts';

let database: FreshDatabase;
let folder: string;
beforeAll(async () => {
  database = await freshDatabase('agents-command');
  await migratePostgres(database.url);
  folder = await mkdtemp(join(tmpdir(), 'postmeter-agents-'));
  await writeFile(join(folder, 'config.json'), JSON.stringify({ agents: { offline: true }, routes: [] }));
});
beforeEach(() => {
  vi.stubEnv('DATABASE_URL', database.url);
  vi.stubEnv('POSTMETER_CONFIG', join(folder, 'config.json'));
});
afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

async function run(...args: string[]): Promise<string> {
  let out = '';
  const command: Command = agentsCommand();
  for (const each of [command, ...command.commands]) {
    each.exitOverride().configureOutput({ writeOut: (text) => (out += text), writeErr: () => {} });
  }
  await command.parseAsync(args, { from: 'user' });
  return out;
}

describe('postmeter agents', () => {
  test('lists the catalogue and its lists', async () => {
    const { agents } = JSON.parse(await run('list', '--format', 'json'));
    expect(agents.length).toBeGreaterThan(100);
    expect(agents).toContainEqual(
      expect.objectContaining({ token: 'GPTBot', operator: 'OpenAI', class: 'ai_training' }),
    );
    expect(await run('list')).toMatch(/GPTBot.*OpenAI.*ai_training.*ranges/);
    expect(await run('list', '--lists')).toMatch(/openai\.com\/gptbot\.json.*shipped/);
  });

  test('checks an address step by step', async () => {
    const text = await run('check', '20.171.206.5', '--agent', 'GPTBot');
    expect(text).toContain('20.171.206.5 claims GPTBot of OpenAI: verified by range');
    expect(text).toContain('list https://openai.com/gptbot.json: contains the address in 20.171.206.0/23');
    const json = JSON.parse(await run('check', '8.8.8.8', '--agent', 'Googlebot', '--json'));
    expect(json).toMatchObject({ verdict: 'pending', by: null });
  });

  test('refuses an address or an agent that does not exist, and fetches offline', async () => {
    await expect(run('check', '10.1', '--agent', 'GPTBot')).rejects.toThrow('is not an IP address');
    await expect(run('check', '8.8.8.8', '--agent', 'NoBot')).rejects.toThrow('no agent NoBot');
    await expect(run('refresh')).rejects.toThrow('agents.offline');
  });
});
