/** The commands for the admin API, on the ledger itself and through the gateway that has it open. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { parse } from 'csv-parse/sync';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { migratePostgres } from '../../../src/adapters/postgres/connection/migrate.ts';
import { openPostgres, type PostgresLedger } from '../../../src/adapters/postgres/connection/open.ts';
import { breachesCommand } from '../../../src/entry/commands/billing/breaches.ts';
import { approveCommand, issueCommand, rejectCommand } from '../../../src/entry/commands/billing/finance.ts';
import { invoicesCommand } from '../../../src/entry/commands/billing/invoices.ts';
import { tariffCommand } from '../../../src/entry/commands/billing/tariff.ts';
import { clientsCommand } from '../../../src/entry/commands/clients.ts';
import { policyCommand } from '../../../src/entry/commands/policy.ts';
import { tokenCommand } from '../../../src/entry/commands/token.ts';
import { topCommand } from '../../../src/entry/commands/top.ts';
import { usageCommand } from '../../../src/entry/commands/usage.ts';
import { readUsage } from '../../../src/entry/commands/usage-csv.ts';
import { type OpenLedger, openLedger } from '../../../src/entry/stores/ledger.ts';
import { UsageError } from '../../../src/entry/usage-error.ts';
import { ADMIN_TOKEN, type ApiRig, apiRig } from '../../admin/api-rig.ts';
import { type FreshDatabase, freshDatabase } from '../../support/services/fresh-database.ts';
import { copyLedgerTemplate } from '../../support/services/ledger-template.ts';

/** Returns what the command wrote to standard output. */
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

  test('a token is created, listed without its secret, and revoked', async () => {
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
  ])('wrong use %j creates no token', async (args) => {
    env({ DATABASE_URL: database.url });
    const before = await ledger.sql.unsafe('select count(*) from tokens');
    await expect(run(tokenCommand(), ...args)).rejects.toMatchObject({
      code: expect.stringMatching(/^commander\./),
    });
    expect(await ledger.sql.unsafe('select count(*) from tokens')).toEqual(before);
  });

  test('an invalid id is wrong use', async () => {
    env({ DATABASE_URL: database.url });
    await expect(run(tokenCommand(), 'revoke', 'nobody')).rejects.toThrow(UsageError);
  });

  test('invoices are a table, CSV or JSON, all or filtered', async () => {
    env({ DATABASE_URL: database.url });
    expect(await run(invoicesCommand())).toBe('There are no invoices.\n');
    await ledger.sql.unsafe("insert into clients (id, name, source) values ('acme', 'ACME', 'operator')");
    await ledger.sql.unsafe(INVOICES('acme'));

    const table = await run(invoicesCommand());
    expect(table).toMatch(/1 .*invoice .*issued .*acme .*=ACME .*15000\.02 .*USD .*2026-03-03T00:00:00Z/);
    expect(table).toMatch(/credit_note .*draft .*-5\.00/);
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

  test('clients, their totals, usage, tariffs and breaches are a table, CSV or JSON', async () => {
    env({ DATABASE_URL: database.url });
    expect(await run(topCommand())).toBe('No client has usage in its window.\n');
    await ledger.sql.unsafe(
      "insert into clients (id, name, source) values ('addr:192.0.2.1', 'addr:192.0.2.1', 'address')",
    );
    await ledger.sql.unsafe(`
      insert into usage (client_id, identifier_id, bucket_at, posts, requests, refused, bytes, uncounted)
      values ('acme', 'key', date_trunc('minute', now()), 250000, 3, 1, 10, 0)`);

    expect(await run(topCommand())).toMatch(/acme .*ACME .*damages .*250,000 .*1,000,000 .*25\.0/);
    const top = JSON.parse(await run(topCommand(), '--format', 'json')).clients;
    expect(top).toMatchObject([
      { clientId: 'acme', total: 250_000, share: 0.25, pace: 250_000, overAt: expect.stringMatching(/Z$/) },
    ]);
    expect(await run(topCommand(), '--format', 'csv')).toMatch(
      /^client,name,tariff,total,.*\r\nacme,ACME,damages,250000,/,
    );

    expect(await run(clientsCommand())).not.toContain('addr:192.0.2.1');
    expect(await run(clientsCommand(), '--all')).toContain('addr:192.0.2.1');

    const csv = await run(usageCommand(), 'acme', '--step', 'minute', '--format', 'csv');
    const [bucket] = (await readUsage(Readable.from([csv]), 60))
      .get('acme')!
      .filter(({ posts }) => posts > 0);
    expect(bucket).toMatchObject({ posts: 250_000 });
    await expect(run(usageCommand(), 'unknown')).rejects.toThrow(/clientId does not exist: unknown/);

    expect(await run(breachesCommand())).toBe('There are no breaches.\n');
  });

  test('a tariff is shown and changed with a reason, and an invalid one changes nothing', async () => {
    env({ DATABASE_URL: database.url });
    const folder = await mkdtemp(join(tmpdir(), 'postmeter-tariff-'));
    const file = join(folder, 'terms.json');
    try {
      expect(await run(tariffCommand(), 'show', 'acme')).toContain('the default tariff applies');
      await writeFile(file, '{"threshold": 500000, "price": "10000.00"}');
      const added = await run(tariffCommand(), 'set', 'acme', '--terms', file, '--reason', 'pilot');
      expect(added).toMatch(/1 .*damages .*500,000 .*10000\.00 .*pilot/);
      expect(await run(tariffCommand(), 'show', 'acme')).toContain('500,000');
      await writeFile(file, '{"threshold": -1}');
      await expect(run(tariffCommand(), 'set', 'acme', '--terms', file, '--reason', 'x')).rejects.toThrow(
        /terms\.threshold is below 1/,
      );
      await writeFile(file, '{');
      await expect(run(tariffCommand(), 'set', '--terms', file, '--reason', 'x')).rejects.toThrow(
        /cannot be read as JSON/,
      );
      const shown = JSON.parse(await run(tariffCommand(), 'show', 'acme', '--format', 'json')).versions;
      expect(shown).toMatchObject([{ version: 1, terms: { threshold: 500_000 }, reason: 'pilot' }]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('a refused approval or issue gives the reason and changes nothing', async () => {
    env({ DATABASE_URL: database.url });
    const [draft] = JSON.parse(
      await run(invoicesCommand(), '--format', 'json', '--status', 'draft'),
    ).invoices;
    await expect(run(issueCommand(), draft.id)).rejects.toThrow(/The ledger refused: invoiceId/);
    await expect(run(approveCommand(), uuidv7())).rejects.toThrow(/invoiceId does not exist/);
    const [after] = JSON.parse(
      await run(invoicesCommand(), '--format', 'json', '--status', 'draft'),
    ).invoices;
    expect(after).toEqual(draft);
  });

  test('a draft is rejected with a reason, and only once', async () => {
    env({ DATABASE_URL: database.url });
    const id = uuidv7();
    await ledger.sql.unsafe(`
      insert into invoices (id, kind, status, client_id, currency, amount_minor)
      values ('${id}', 'invoice', 'draft', 'acme', 'USD', 700)`);
    await expect(run(rejectCommand(), id)).rejects.toMatchObject({
      code: 'commander.missingMandatoryOptionValue',
    });
    expect(await run(rejectCommand(), id, '--reason', 'paid by bank transfer')).toMatch(
      /invoice .*rejected .*acme .*7\.00 .*USD/,
    );
    const args = ['--format', 'json', '--status', 'rejected'];
    const [rejected] = JSON.parse(await run(invoicesCommand(), ...args)).invoices;
    expect(rejected).toMatchObject({
      id,
      rejection: { by: expect.stringMatching(/^command line/), reason: 'paid by bank transfer' },
    });
    await expect(run(rejectCommand(), id, '--reason', 'x')).rejects.toThrow(/The ledger refused: invoiceId/);
    await expect(run(rejectCommand(), uuidv7(), '--reason', 'x')).rejects.toThrow(/invoiceId does not exist/);
  });

  test('a policy is set, shown, listed and removed', async () => {
    env({ DATABASE_URL: database.url });
    expect(await run(policyCommand(), 'list')).toBe('No client has a policy.\n');
    const slow = await run(policyCommand(), 'set', 'acme', 'slow', '--rate', '0.5', '--reason', 'overload');
    expect(slow).toMatch(/acme .*slow to 0\.5\/s .*removed .*command line .*overload/);
    const until = ['--until', '2999-01-01T00:00:00Z'];
    const refused = ['refuse', '--status', '429', '--reason', 'abuse', ...until];
    await run(policyCommand(), 'set', 'addr:192.0.2.1', ...refused);
    expect(await run(policyCommand(), 'show', 'addr:192.0.2.1')).toMatch(
      /refuse with 429 .*2999-01-01T00:00:00Z/,
    );
    expect(await run(policyCommand(), 'list')).toMatch(/acme .*slow[\s\S]*addr:192\.0\.2\.1 .*refuse/);
    expect(await run(policyCommand(), 'remove', 'acme')).toBe('The policy of acme is removed.\n');
    await expect(run(policyCommand(), 'show', 'acme')).rejects.toThrow(/The ledger refused/);
    await expect(run(policyCommand(), 'set', 'unknown', 'allow', '--reason', 'x')).rejects.toThrow(/unknown/);
  });

  test.each([
    [['slow', '--reason', 'x'], /slow needs --rate/],
    [['allow', '--rate', '1', '--reason', 'x'], /--rate can only be used with slow/],
    [['allow', '--status', '403', '--reason', 'x'], /--status can only be used with refuse/],
    [['ban', '--reason', 'x'], /ban is not an action/],
    [['allow', '--reason', ' '], /--reason is not a line/],
    [['allow', '--reason', 'x', '--until', '2020-01-01T00:00:00Z'], /is in the past/],
  ])('a policy of %j is wrong use', async (args, message) => {
    env({ DATABASE_URL: database.url });
    const failure = run(policyCommand(), 'set', 'acme', ...args);
    await expect(failure).rejects.toThrow(UsageError);
    await expect(failure).rejects.toThrow(message);
  });

  test('a tariff is superseded at its own moment, and withdrawn before it applies', async () => {
    env({ DATABASE_URL: database.url });
    await ledger.sql.unsafe("insert into clients (id, name, source) values ('tariffed', 'T', 'operator')");
    const folder = await mkdtemp(join(tmpdir(), 'postmeter-tariff-'));
    const set = async (terms: string, ...args: string[]) => {
      const file = join(folder, 'terms.json');
      await writeFile(file, terms);
      const rest = ['--terms', file, '--format', 'json', ...args];
      return JSON.parse(await run(tariffCommand(), 'set', 'tariffed', ...rest)).versions[0];
    };
    try {
      const wrong = await set('{"threshold": 5}', '--reason', 'pilot', '--from', '2999-01-01T00:00:00Z');
      const right = await set('{"threshold": 500}', '--reason', 'typing error', '--supersedes', wrong.id);
      expect(right).toMatchObject({ version: 2, validFrom: wrong.validFrom, terms: { threshold: 500 } });
      const withdraw = ['withdraw', right.id, 'tariffed', '--reason', 'not agreed', '--format', 'json'];
      const [withdrawn] = JSON.parse(await run(tariffCommand(), ...withdraw)).versions;
      expect(withdrawn).toMatchObject({ retirement: { reason: 'not agreed', supersededBy: null } });
      await expect(run(tariffCommand(), ...withdraw)).rejects.toThrow(/The ledger refused/);
      const shown = JSON.parse(await run(tariffCommand(), 'show', 'tariffed', '--format', 'json')).versions;
      expect(shown.map(({ retirement }: { retirement: object }) => retirement)).toMatchObject([
        { supersededBy: null },
        { supersededBy: right.id },
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
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
    copyLedgerTemplate(folder);
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

  test('the commands call its admin API instead', async () => {
    asGateway();
    const token = (await run(tokenCommand(), 'create', '--name', 'Bob', '--role', 'finance')).trim();
    expect((await rig.call('GET', '/v1/clients', { token })).status).toBe(200);
    const list = await run(tokenCommand(), 'list');
    expect(list).toMatch(/Bob .* finance/);
    await run(tokenCommand(), 'revoke', /[0-9a-f-]{36}/.exec(list)![0]);
    expect((await rig.call('GET', '/v1/clients', { token })).status).toBe(401);
    await expect(run(tokenCommand(), 'revoke', 'nobody')).rejects.toThrow(/tokenId does not exist/);
    const json = await run(invoicesCommand(), '--format', 'json', '--client', 'acme', '--status', 'issued');
    expect(JSON.parse(json).invoices).toMatchObject([{ number: 1, amount: '15000.02' }]);
  });

  test('explains what to do if the API cannot be reached', async () => {
    env({ DATA_DIR: folder });
    await expect(run(tokenCommand(), 'list')).rejects.toThrow(/in use .*\n.*set ADMIN_TOKEN/);
    env({ DATA_DIR: folder, ADMIN_TOKEN, ADMIN_PORT: '1' });
    await expect(run(invoicesCommand())).rejects.toThrow(/in use .*\n.*set ADMIN_HOST and ADMIN_PORT/);
    asGateway();
    vi.stubEnv('ADMIN_TOKEN', 'another-token-than-theirs');
    await expect(run(invoicesCommand())).rejects.toThrow(/refused: The token is unknown/);
  });
});
