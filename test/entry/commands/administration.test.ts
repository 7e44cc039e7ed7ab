/** `postmeter token` and `postmeter invoices`: on the ledger itself, and through the gateway that has it open. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { parse } from 'csv-parse/sync';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { migratePostgres } from '../../../src/adapters/postgres/migrate.ts';
import { openPostgres, type PostgresLedger } from '../../../src/adapters/postgres/open.ts';
import { invoicesCommand } from '../../../src/entry/commands/invoices.ts';
import { tokenCommand } from '../../../src/entry/commands/token.ts';
import { type OpenLedger, openLedger } from '../../../src/entry/ledger.ts';
import { UsageError } from '../../../src/entry/usage-error.ts';
import { ADMIN_TOKEN, type ApiRig, apiRig } from '../../admin/api-rig.ts';
import { type FreshDatabase, freshDatabase } from '../../services/fresh-database.ts';

/** What the command wrote to standard output. */
async function run(command: Command, ...args: string[]): Promise<string> {
  let out = '';
  for (const each of [command, ...command.commands]) {
    each.exitOverride().configureOutput({ writeOut: (text) => (out += text), writeErr: () => {} });
  }
  await command.parseAsync(args, { from: 'user' });
  return out;
}

function env(variables: Readonly<Record<string, string>>): void {
  for (const name of ['DATABASE_URL', 'DATA_DIR', 'ADMIN_TOKEN', 'ADMIN_PORT', 'ADMIN_HOST']) {
    vi.stubEnv(name, variables[name]);
  }
}
afterEach(() => {
  vi.unstubAllEnvs();
});

const INVOICES = (client: string) => `
  insert into invoices (id, number, kind, status, client_id, currency, amount_minor, issued_at, bill_to) values
    ('${uuidv7()}', 1, 'invoice', 'issued', '${client}', 'USD', 1500002, '2026-03-03T00:00:00Z',
     '{"legalName":"=ACME","address":"a","email":"b","taxId":null,"currency":"USD"}'),
    ('${uuidv7()}', null, 'credit_note', 'draft', '${client}', 'USD', -500, null, null)`;

describe('on the ledger', () => {
  let database: FreshDatabase;
  let ledger: PostgresLedger;
  beforeAll(async () => {
    database = await freshDatabase('admin-commands');
    await migratePostgres(database.url);
    ledger = await openPostgres(database.url);
  });
  afterAll(async () => {
    await ledger.close();
    await database.drop();
  });

  test('a token is made, listed without its secret, and revoked', async () => {
    env({ DATABASE_URL: database.url });
    const token = (
      await run(tokenCommand(), 'create', '--name', 'Ada', '--role', 'operator', '--role', 'viewer')
    ).trim();
    expect(token).toMatch(/^pmt_[A-Za-z0-9_-]{43}$/);
    const list = await run(tokenCommand(), 'list');
    expect(list).toMatch(/Ada .* operator, viewer/);
    expect(list).not.toContain(token);
    const id = /[0-9a-f-]{36}/.exec(list)![0];
    expect(await run(tokenCommand(), 'revoke', id)).toContain('revoked');
    const [row] = await ledger.sql.unsafe('select name, revoked_at is not null as revoked from tokens');
    expect(row).toEqual({ name: 'Ada', revoked: true });
    const audit = await ledger.sql.unsafe('select action, actor from audit order by id');
    expect(audit.map(({ action }) => action)).toEqual(['token.created', 'token.revoked']);
    expect(audit[0]!.actor).toMatch(/^command line \(.+\)$/);
  });

  test.each([
    [['create', '--role', 'viewer']],
    [['create', '--name', 'x']],
    [['create', '--name', '', '--role', 'viewer']],
    [['create', '--name', 'x', '--role', 'root']],
    [['revoke']],
  ])('wrong use %j makes nothing', async (args) => {
    env({ DATABASE_URL: database.url });
    const before = await ledger.sql.unsafe('select count(*) from tokens');
    await expect(run(tokenCommand(), ...args)).rejects.toMatchObject({
      code: expect.stringMatching(/^commander\./),
    });
    expect(await ledger.sql.unsafe('select count(*) from tokens')).toEqual(before);
  });

  test('an id that is none is wrong use', async () => {
    env({ DATABASE_URL: database.url });
    await expect(run(tokenCommand(), 'revoke', 'nobody')).rejects.toThrow(UsageError);
  });

  test('invoices as a table, CSV and JSON, all or some', async () => {
    env({ DATABASE_URL: database.url });
    expect(await run(invoicesCommand())).toBe('There are no invoices.\n');
    await ledger.sql.unsafe("insert into clients (id, name, source) values ('acme', 'ACME', 'operator')");
    await ledger.sql.unsafe(INVOICES('acme'));

    const table = await run(invoicesCommand());
    expect(table).toMatch(/1 .*invoice .*issued .*acme .*=ACME .*15000\.02 .*USD .*2026-03-03T00:00:00Z/);
    expect(table).toMatch(/credit note .*draft .*-5\.00/);
    const rows = parse<Record<string, string>>(await run(invoicesCommand(), '--format', 'csv'), {
      columns: true,
    });
    expect(rows).toMatchObject([
      { kind: 'credit_note', amount: '-5.00' },
      { number: '1', legalName: "'=ACME", amount: '15000.02' },
    ]);
    const issued = await run(invoicesCommand(), '--format', 'json', '--status', 'issued', '--client', 'acme');
    expect(JSON.parse(issued).invoices).toMatchObject([{ number: 1, amount: '15000.02', currency: 'USD' }]);
    const none = await run(invoicesCommand(), '--format', 'json', '--client', 'other');
    expect(JSON.parse(none)).toEqual({ invoices: [] });
  });

  test.each([[['--format', 'xml']], [['--status', 'paid']], [['surplus']]])(
    '%j is wrong use',
    async (args) => {
      env({ DATABASE_URL: database.url });
      await expect(run(invoicesCommand(), ...args)).rejects.toMatchObject({
        code: expect.stringMatching(/^commander\./),
      });
    },
  );
});

describe('while a gateway has the embedded ledger open', () => {
  let folder: string;
  let held: OpenLedger;
  let rig: ApiRig;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postmeter-admin-commands-'));
    held = await openLedger({ DATA_DIR: folder });
    rig = await apiRig('postgres', 'admin-commands-api');
    await rig.call('POST', '/v1/clients', { json: { id: 'acme', name: 'ACME' } });
    await rig.db.execute(INVOICES('acme'));
  });
  afterAll(async () => {
    await rig.close();
    await held.close();
    await rm(folder, { recursive: true });
  });

  const asGateway = () =>
    env({ DATA_DIR: folder, ADMIN_TOKEN, ADMIN_PORT: new URL(rig.url).port, ADMIN_HOST: '0.0.0.0' });

  test('its admin API is asked instead', async () => {
    asGateway();
    const token = (await run(tokenCommand(), 'create', '--name', 'Bob', '--role', 'finance')).trim();
    expect((await rig.call('GET', '/v1/clients', { token })).status).toBe(200);
    const list = await run(tokenCommand(), 'list');
    expect(list).toMatch(/Bob .* finance/);
    await run(tokenCommand(), 'revoke', /[0-9a-f-]{36}/.exec(list)![0]);
    expect((await rig.call('GET', '/v1/clients', { token })).status).toBe(401);
    await expect(run(tokenCommand(), 'revoke', 'nobody')).rejects.toThrow(/names no token/);
    const json = await run(invoicesCommand(), '--format', 'json', '--client', 'acme', '--status', 'issued');
    expect(JSON.parse(json).invoices).toMatchObject([{ number: 1, amount: '15000.02' }]);
  });

  test('where it cannot be asked, it is said what to do', async () => {
    env({ DATA_DIR: folder });
    await expect(run(tokenCommand(), 'list')).rejects.toThrow(/in use .*\n.*set ADMIN_TOKEN/);
    env({ DATA_DIR: folder, ADMIN_TOKEN, ADMIN_PORT: '1' });
    await expect(run(invoicesCommand())).rejects.toThrow(/in use .*\n.*set ADMIN_HOST and ADMIN_PORT/);
    asGateway();
    vi.stubEnv('ADMIN_TOKEN', 'another-token-than-theirs');
    await expect(run(invoicesCommand())).rejects.toThrow(/refused: This token is not known/);
  });
});
