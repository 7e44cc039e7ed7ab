/**
 * `postmeter reconcile`: its options, formats and errors, on the ledger itself and through the gateway that has it
 * open.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { logLines } from '../../../src/adapters/node/log-lines.ts';
import { migratePostgres } from '../../../src/adapters/postgres/connection/migrate.ts';
import { postgresUsageLedger } from '../../../src/adapters/postgres/usage/ledger.ts';
import { reconcileCommand } from '../../../src/entry/commands/reconcile/reconcile.ts';
import { type OpenLedger, openLedger } from '../../../src/entry/stores/ledger.ts';
import { UsageError } from '../../../src/entry/usage-error.ts';
import { ADMIN_TOKEN, type ApiRig, apiRig } from '../../admin/api-rig.ts';
import { type FreshDatabase, freshDatabase } from '../../support/services/fresh-database.ts';
import { copyLedgerTemplate } from '../../support/services/ledger-template.ts';

const T0 = Date.UTC(2026, 2, 1, 12);
const MINUTE_MS = 60_000;
const RANGE = ['--since', '2026-03-01T12:00:00Z', '--until', '2026-03-01T14:00:00Z'];

const USAGE = [
  { clientId: 'acme', minute: 10, posts: 20 },
  { clientId: 'acme', minute: 70, posts: 30 },
  { clientId: 'ranged', minute: 20, posts: 5 },
  { clientId: 'addr:198.51.100.7', minute: 90, posts: 7 },
].map(({ clientId, minute, posts }) => ({
  clientId,
  identifierId: clientId,
  bucketMs: T0 + minute * MINUTE_MS,
  posts,
  requests: 2,
  refused: 1,
  bytes: 100,
  uncounted: 0,
}));
const at = (minute: number) => new Date(T0 + minute * MINUTE_MS + 500).toISOString();
/** The lines that the upstream wrote. */
const LINES = [
  { time: at(10), client: 'acme', posts: 20, status: 200, bytes: 100 },
  { time: at(70), client: 'acme', posts: 30, status: 200, bytes: 100 },
  { time: at(20), address: '203.0.113.9', posts: 5, status: 200, bytes: 100 },
  { time: at(90), address: '198.51.100.7', posts: 7, status: 200, bytes: 100 },
];
const jsonLines = (lines: readonly object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

async function run(...args: string[]): Promise<{ out: string; err: string; code: number }> {
  let [out, err] = ['', ''];
  const command = reconcileCommand(() => T0 + 150 * MINUTE_MS)
    .exitOverride()
    .configureOutput({ writeOut: (text) => (out += text), writeErr: (text) => (err += text) });
  const before = process.exitCode;
  try {
    process.exitCode = 0;
    await command.parseAsync(args, { from: 'user' });
    return { out, err, code: Number(process.exitCode) };
  } finally {
    process.exitCode = before;
  }
}

function env(variables: Readonly<Record<string, string>>): void {
  for (const name of [
    'DATABASE_URL',
    'DATA_DIR',
    'ADMIN_TOKEN',
    'ADMIN_PORT',
    'ADMIN_HOST',
    'POSTMETER_CONFIG',
  ]) {
    vi.stubEnv(name, variables[name]);
  }
}
afterEach(() => {
  vi.unstubAllEnvs();
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postmeter-reconcile-command-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function fill(rig: Pick<ApiRig, 'call' | 'db'>): Promise<void> {
  for (const id of ['acme', 'ranged']) await rig.call('POST', '/v1/clients', { json: { id, name: id } });
  await rig.call('POST', '/v1/clients/ranged/identifiers', {
    json: { kind: 'cidr', cidr: '203.0.113.0/24' },
  });
  const batch = { journalId: 'j', firstSequence: 1, lastSequence: 1, usage: USAGE };
  await postgresUsageLedger(rig.db).take(batch);
}

describe('on an empty ledger', () => {
  let database: FreshDatabase;
  beforeAll(async () => {
    database = await freshDatabase('reconcile-command');
    await migratePostgres(database.url);
  });
  afterAll(() => database.drop());
  const plain = '198.51.100.7 - - [01/Mar/2026:12:30:00 +0000] "GET / HTTP/1.1" 200 100 20\n';

  it.each([
    [['--slack-seconds', '901']], [['--slack-seconds', '-1']], [['--tolerance-posts', '1.5']],
    [['--tolerance-percent', '101']], [['--posts-column', '0']], [['--posts-column', 'first']],
    [['--client-column', 'last']], [['--format', 'xml']], [['--log-format', 'ltsv']], [['--since', 'yesterday']],
    [['--since', '2026-03-01T12:00:00']],
  ])('%j is wrong use', async (args) => {
    await expect(run('access.log', ...args)).rejects.toMatchObject({ code: expect.stringMatching(/^commander\./) });
  }); // biome-ignore format: many on one line

  it.each([
    ['a missing file', () => join(folder, 'none.log'), RANGE, /none\.log: cannot be read/],
    ['half a gzip', () => file('half.gz', gzipSync(plain.repeat(500)).subarray(0, 60)), RANGE, /half\.gz: cannot be read/],
    ['another format', () => file('json.log', jsonLines(LINES)), RANGE, /can be read \(4\):\n.*json\.log, line 1: .*\n +the line: "{.*\n +expected: host ident user \[time\]/],
    ['another format, without a range', () => file('json.log', jsonLines(LINES)), [], /line 1: .*\n +the line: "{.*\n +expected: host .* posts in the last column[\s\S]*\nselect the format with --log-format/],
    ['fields with other names', () => file('named.log', '{"when":1}\n'), ['--log-format', 'json', '--time-field', 't'], /line 1: time: is missing\n +the line: "{.*when.*\n +expected: a JSON object with the fields t, client,/],
    ['an empty log, without a range', () => file('empty.log', ''), [], /the log has no lines/],
    ['a log that is too short, without a range', () => file('short.log', plain), [], /no complete minute.*12:30:00Z/],
    ['a range that ends before it begins', () => file('short.log', plain), ['--since', '1h', '--until', '2h'], /no complete minute/],
    ['a range of years', () => file('short.log', plain), ['--since', '800d', '--until', '1h'], /exceeds a year/],
    ['standard input, without a range', () => '-', ['--since', '1h'], /standard input can be read only once/],
  ])('%s is a usage error', async (_, name, args, message) => {
    env({ DATABASE_URL: database.url });
    const failure = run(await name(), ...args);
    await expect(failure).rejects.toThrow(UsageError);
    await expect(failure).rejects.toThrow(message);
  }); // biome-ignore format: a case a line

  it('a ledger that cannot be opened is not a difference', async () => {
    env({ DATABASE_URL: 'postgres://127.0.0.1:1/none' });
    await expect(run(await file('plain.log', plain), ...RANGE)).rejects.toThrow(UsageError);
  });

  it('counts the lines that it cannot read, and shows the first ten', async () => {
    env({ DATABASE_URL: database.url });
    const spoiled = `${plain}${'garbage\n'.repeat(12)}\n${'x'.repeat(70_000)}\n${plain.slice(0, -3)}`;
    const { out, code } = await run(await file('spoiled.log', spoiled), ...RANGE, '--format', 'json');
    const { log, onlyInLog } = JSON.parse(out);
    expect(code).toBe(1);
    expect([log.lines, log.faulty, log.firstFaulty.length]).toEqual([1, 14, 10]);
    expect(log.firstFaulty[0]).toMatchObject({ file: join(folder, 'spoiled.log'), line: 2, text: 'garbage' });
    expect(onlyInLog).toEqual([{ clientId: 'addr:198.51.100.7', posts: 20, requests: 1 }]);
  });

  it('compares the time that the log covers by default', async () => {
    env({ DATABASE_URL: database.url });
    const minutes = Array.from({ length: 50 }, (_, minute) => plain.replace('12:30', `12:${minute + 10}`));
    const { out } = await run(await file('long.log', minutes.join('')), '--format', 'json');
    expect(JSON.parse(out)).toMatchObject({ from: '2026-03-01T12:11:00Z', to: '2026-03-01T12:58:00Z' });
    const since = await run(join(folder, 'long.log'), '--since', '115m', '--format', 'json');
    expect(JSON.parse(since.out)).toMatchObject({ from: '2026-03-01T12:35:00Z', to: '2026-03-01T12:58:00Z' });
  });
});

it('lines end with their line feed, for any pieces and any length', async () => {
  const text = `a\r\n\né${'é'.repeat(70_000)}\nb\n${'c'.repeat(66_000)}`;
  for (const content of [Buffer.from(text), gzipSync(text)]) {
    const found = [];
    for await (const lines of logLines(await file('pieces', content))) found.push(...lines);
    expect(found).toEqual([
      { number: 1, text: 'a', ended: true },
      { number: 2, text: '', ended: true },
      { number: 3, text: null, ended: true },
      { number: 4, text: 'b', ended: true },
      { number: 5, text: null, ended: false },
    ]);
  }
});

describe.each(['on the ledger', 'through the gateway that has it open'] as const)('%s', (way) => {
  let rig: ApiRig;
  let held: OpenLedger | undefined;
  let variables: Record<string, string>;
  beforeAll(async () => {
    rig = await apiRig('postgres', 'reconcile-command');
    await fill(rig);
    const dataDir = await mkdtemp(join(folder, 'data-'));
    copyLedgerTemplate(dataDir);
    held = await openLedger({ DATA_DIR: dataDir });
    variables = { DATA_DIR: dataDir, ADMIN_TOKEN, ADMIN_PORT: new URL(rig.url).port };
    if (way === 'on the ledger') variables = { DATABASE_URL: await databaseUrlOf(rig) };
  });
  afterAll(async () => {
    await held?.close();
    await rig.close();
  });

  it('agrees with a correct log, in one file or in several, plain or gzip', async () => {
    env(variables);
    const [first, ...others] = LINES;
    const files = [
      await file('first.log.gz', gzipSync(jsonLines([first!]))),
      await file('others.log', jsonLines(others)),
    ];
    const { out, code } = await run(...files, ...RANGE, '--log-format', 'json', '--format', 'json', '--all');
    const { rows, differences, requests } = JSON.parse(out);
    expect(code).toBe(0);
    expect(rows).toEqual({ ledger_has_more: 0, ledger_has_less: 0, requests: 0, edge: 0, equal: 4 });
    expect(requests).toEqual({ ledger: 4, log: 4 });
    expect(differences).toHaveLength(4);
  });

  it('reports differences as a table, CSV and JSON', async () => {
    env(variables);
    const [first, , ...others] = LINES;
    const log = await file('wrong.log', jsonLines([{ ...first, posts: 19 }, ...others]));
    const args = [log, ...RANGE, '--log-format', 'json'];
    const table = await run(...args);
    expect(table.code).toBe(1);
    expect(table.out).toMatch(/acme .* 2026-03-01T12:00:00Z .* ledger has more .* 20 .* 19 .* \+1 /);
    expect(table.out).toContain('LEDGER HAS MORE: 31 posts');
    const csv = await run(...args, '--format', 'csv');
    expect(csv.err).toContain('LEDGER HAS MORE: 31 posts');
    expect(parse<Record<string, string>>(csv.out, { columns: true })).toMatchObject([
      { client: 'acme', from: '2026-03-01T12:00:00Z', state: 'ledger_has_more', differencePosts: '1' },
      { client: 'acme', from: '2026-03-01T13:00:00Z', state: 'ledger_has_more', logPosts: '0' },
    ]);
    const tolerant = await run(...args, '--tolerance-posts', '30', '--format', 'json');
    expect(tolerant.code).toBe(0);
    expect(JSON.parse(tolerant.out).differences.map(({ state }: { state: string }) => state)).toEqual([
      'edge',
      'edge',
    ]);
  });
});

/** Returns the URL of the rig's database, of which the rig knows only the name. */
async function databaseUrlOf(rig: ApiRig): Promise<string> {
  const rows = (await rig.db.execute('select current_database() as name')) as Iterable<{ name: string }>;
  const [row] = [...rows];
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${row!.name}`;
  return url.href;
}
