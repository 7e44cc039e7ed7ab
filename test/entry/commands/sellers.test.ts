/** The commands of sellers and of what belongs to them, on the embedded ledger. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { fieldsFrom } from '../../../src/entry/commands/settings/given-fields.ts';
import {
  bankAccountsCommand,
  clausesCommand,
  sellersCommand,
  seriesCommand,
  taxRulesCommand,
} from '../../../src/entry/commands/settings/sellers.ts';
import { UsageError } from '../../../src/entry/usage-error.ts';
import { copyLedgerTemplate } from '../../support/services/ledger-template.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postmeter-sellers-'));
  copyLedgerTemplate(folder);
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  vi.stubEnv('DATA_DIR', folder);
  vi.stubEnv('DATABASE_URL', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

async function run(command: Command, ...args: string[]): Promise<string> {
  let out = '';
  for (const each of [command, ...command.commands]) {
    each.exitOverride().configureOutput({ writeOut: (text) => (out += text), writeErr: () => {} });
  }
  await command.parseAsync(args, { from: 'user' });
  return out;
}

test('fields are text, or JSON after a colon', () => {
  expect(fieldsFrom(['a=1', 'b:=1', 'c=x=y', 'd:=["e"]', 'f='])).toEqual({
    ...{ a: '1', b: 1, c: 'x=y', d: ['e'], f: '' },
  });
  for (const wrong of [['a'], ['=x'], ['a:=x'], ['a=1', 'a=2']]) {
    expect(() => fieldsFrom(wrong)).toThrow(UsageError);
  }
});

test('the default seller is completed, listed and shown', async () => {
  await run(sellersCommand(), 'set', 'default', 'legalName=Platform GmbH', 'country=DE', 'termsDays:=14');
  const shown = JSON.parse(await run(sellersCommand(), 'show', 'default'));
  expect(shown).toMatchObject({ legalName: 'Platform GmbH', country: 'DE', termsDays: 14 });
  await run(sellersCommand(), 'add', 'eu', 'legalName=Platform EU');
  expect(await run(sellersCommand(), 'list')).toContain('Platform EU');
  expect(JSON.parse(await run(sellersCommand(), 'list', '--format', 'json')).sellers).toHaveLength(2);
  const wrong = run(sellersCommand(), 'set', 'default', 'country=XX');
  await expect(wrong).rejects.toThrow(/country is not an ISO 3166-1 country code/);
});

test('what belongs to a seller is added, listed and archived', async () => {
  const account = ['currency=EUR', 'holder=Platform', 'iban=DE02120300000000202051', 'reason=opened'];
  const { id } = JSON.parse(await run(bankAccountsCommand(), 'add', ...account));
  expect(await run(bankAccountsCommand(), 'list')).toContain('DE02120300000000202051');
  await run(bankAccountsCommand(), 'archive', id, '--reason', 'closed');
  await run(seriesCommand(), 'add', '--seller', 'eu', 'series=eu', 'kinds:=["invoice"]', 'prefix=EU-');
  expect(await run(seriesCommand(), 'list', '--seller', 'eu')).toContain('EU-');
  await run(taxRulesCommand(), 'add', 'appliesTo=licence', 'category=S', 'rateBp:=1900');
  expect(JSON.parse(await run(taxRulesCommand(), 'list', '--format', 'json')).taxRules).toHaveLength(2);
  expect(await run(clausesCommand(), 'list', '--format', 'csv')).toContain('x-eu-2026-04-10');
});
