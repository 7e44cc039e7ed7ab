/** Evidence of real invoices. A machine with only the public key can verify what the commands write. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/adapters/crypto/sha256.ts';
import {
  createKey,
  openSigned,
  readPrivateKey,
  readPublicKey,
  sign,
} from '../../../src/adapters/crypto/signing.ts';
import { migratePostgres } from '../../../src/adapters/postgres/connection/migrate.ts';
import { openPostgres, type PostgresLedger } from '../../../src/adapters/postgres/connection/open.ts';
import { checkEvidence } from '../../../src/evidence/check.ts';
import { type Evidence, evidenceSchema } from '../../../src/evidence/format.ts';
import { type FreshDatabase, freshDatabase } from '../../support/services/fresh-database.ts';
import { fillLedger, type LedgerAtWork, METERED_UNDER } from '../../verify/tampered-ledger.ts';

const CLI = fileURLToPath(new URL('../../../dist/entry/cli.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'postmeter-evidence-'));
const bare = mkdtempSync(join(tmpdir(), 'postmeter-bare-'));
const place = (name: string) => join(folder, name);
let database: FreshDatabase;
let ledger: PostgresLedger;
let work: LedgerAtWork;

/** Runs the program as a process with only this environment. */
function run(args: readonly string[], env: Record<string, string> = {}, cwd = folder) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    env,
    cwd,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}
const onLedger = (...args: string[]) => run(args, { DATABASE_URL: database.url });

async function payloadOf(file: string): Promise<string> {
  const opened = await openSigned(readFileSync(file, 'utf8').trim(), readPublicKey(place('key.pub')));
  if (!opened.ok) throw new Error(opened.reason);
  return opened.payload;
}

beforeAll(async () => {
  database = await freshDatabase('evidence');
  await migratePostgres(database.url);
  ledger = await openPostgres(database.url);
  work = await fillLedger(ledger.db);
  expect(run(['key', 'create', '--out', 'key'])).toMatchObject({ status: 0 });
});
afterAll(async () => {
  await ledger.close();
  await database.drop();
  for (const one of [folder, bare]) rmSync(one, { recursive: true });
});

it('creates a key that only its owner can read, and never overwrites one', () => {
  expect(statSync(place('key')).mode & 0o777).toBe(0o600);
  expect(readFileSync(place('key.pub'), 'utf8')).toContain('BEGIN PUBLIC KEY');
  expect(run(['key', 'create', '--out', 'key'])).toMatchObject({ status: 2 });
  expect(() => readPublicKey(place('key'))).toThrow('private');
});

it('postmeter verify exits with 0 for a clean ledger, 1 for a difference, 2 without a ledger', async () => {
  expect(onLedger('verify')).toEqual({
    status: 0,
    stdout: expect.stringMatching(
      /^verified: 5 issued invoices, \d+ breach(?:es)? of \d+ clients?, \d+ batch(?:es)? of \d+ journals?, \d+ tariff versions?\nok: nothing differs\n$/,
    ),
    stderr: expect.any(String),
  });
  await work.tamper('usage', `update usage set posts = posts + 1 where client_id = 'quiet' and posts = 4`);
  const text = onLedger('verify');
  expect(text).toMatchObject({ status: 1 });
  expect(text.stdout).toMatch(
    /^usage_differs clients\/quiet\/.*: expected 4 1 0 40 0 .*, found 5 1 0 40 0\nverified: .*\n1 difference\n$/,
  );
  const json = onLedger('verify', '--format', 'json')
    .stdout.trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(json.at(-1)).toMatchObject({
    findings: 1,
    codes: { usage_differs: 1 },
    verified: { invoices: 5, batches: expect.any(Number) },
  });
  await work.tamper('usage', `update usage set posts = posts - 1 where client_id = 'quiet' and posts = 5`);
  expect(run(['verify'], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })).toMatchObject({
    status: 2,
  });
  expect(run(['verify'], { DATA_DIR: place('nothing') })).toMatchObject({ status: 2 });
  expect(existsSync(place('nothing'))).toBe(false);
  const empty = await freshDatabase('evidence-empty');
  await migratePostgres(empty.url);
  expect(run(['verify'], { DATABASE_URL: empty.url })).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('the ledger is empty, so nothing was verified'),
  });
  await empty.drop();
});

it.each(['1', '2', '3', '4', '5'])(
  'proves invoice %s on a machine that has nothing but the public key',
  (number) => {
    const file = place(`${number}.jws`);
    expect(onLedger('evidence', number, '--key', 'key', '--out', file)).toMatchObject({ status: 0 });
    const verified = run(['verify', file, '--key', place('key.pub')], {}, bare);
    expect(verified).toMatchObject({ status: 0, stderr: expect.not.stringContaining('postmeter:') });
    expect(verified.stdout).toContain('ok: the invoice follows from the proven usage');
    expect(verified.stdout).toContain('as_billed');
  },
);

it('refuses another key, an altered byte, a missing key, and an invalid file', async () => {
  const signed = readFileSync(place('1.jws'), 'utf8').trim();
  await createKey(place('other'));
  const check = (file: string, key: string) => run(['verify', place(file), '--key', place(key)], {}, bare);
  expect(check('1.jws', 'other.pub')).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('refused'),
  });
  const [head, payload, signature] = signed.split('.') as [string, string, string];
  const altered = Buffer.from(
    Buffer.from(payload, 'base64url').toString().replace('"posts":198', '"posts":199'),
  );
  writeFileSync(place('altered.jws'), [head, altered.toString('base64url'), signature].join('.'));
  expect(check('altered.jws', 'key.pub')).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('signature'),
  });
  writeFileSync(place('else.jws'), await sign('{"postmeterEvidence":2}', readPrivateKey(place('key'))));
  expect(check('else.jws', 'key.pub')).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('not evidence'),
  });
  expect(run(['verify', place('1.jws')], {}, bare)).toMatchObject({ status: 2 });
  expect(check('1.jws', 'key')).toMatchObject({ status: 2 });
});

it('states the metering configuration from the ledger, and refuses another', async () => {
  const { configurations, chains, rules } = JSON.parse(await payloadOf(place('1.jws'))) as Evidence;
  expect(rules).toEqual({});
  expect(configurations).toEqual([{ hash: METERED_UNDER.hash, content: METERED_UNDER.content }]);
  expect(chains[0]!.configurations).toMatchObject([{ sequence: 1, version: '1.0.0' }]);
  writeFileSync(place('other.json'), '{"bucketSeconds":10}');
  const refused = onLedger(
    'evidence',
    '1',
    '--key',
    'key',
    '--config',
    'other.json',
    '--out',
    place('no.jws'),
  );
  expect(refused).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('is not the configuration under which'),
  });
  expect(existsSync(place('no.jws'))).toBe(false);
});

it('writes no evidence of a difference, of an invoice that is not issued, or without a key', async () => {
  expect(onLedger('evidence', '99', '--key', 'key')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('not an issued'),
  });
  expect(onLedger('evidence', '1', '--key', 'key.pub')).toMatchObject({ status: 2 });
  await work.tamper('invoices', 'update invoices set amount_minor = amount_minor + 1 where number = 1');
  const refused = onLedger('evidence', '1', '--key', 'key', '--out', place('never.jws'));
  expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('content_hash invoices/1') });
  expect(() => statSync(place('never.jws'))).toThrow('ENOENT');
  await work.tamper('invoices', 'update invoices set amount_minor = amount_minor - 1 where number = 1');
});

type Change = (evidence: Evidence) => void;
const firstLeaf = (evidence: Evidence) => evidence.chains[0]!.links.find((link) => link.leaves)!.leaves![0]!;
/** The platform's own key signs each change, and the content must still be refused. */
const CHANGES: ReadonlyArray<readonly [string, Change]> = [
  [
    'posts of usage',
    ({ usage }) => {
      usage[0]![2] += 1;
    },
  ],
  [
    'the text of a configuration',
    ({ configurations }) => {
      configurations![0]!.content = '{}';
    },
  ],
  [
    'the program version that metered',
    ({ chains }) => {
      chains[0]!.configurations![0]!.version = '2.0.0';
    },
  ],
  ['an omitted row of usage', ({ usage }) => void usage.pop()],
  ['an added row of usage', ({ usage }) => void usage.push([usage[0]![0], 'ghost', 5])],
  [
    'an identifier of usage',
    ({ usage }) => {
      usage[0]![1] = 'ghost';
    },
  ],
  [
    'posts in a leaf',
    (evidence) => {
      firstLeaf(evidence).leaf[2][0]![1] += 1;
    },
  ],
  [
    'posts in a leaf and the usage',
    (evidence) => {
      firstLeaf(evidence).leaf[2][0]![1] += 1;
      evidence.usage[0]![2] += 1;
    },
  ],
  [
    'the client of a leaf',
    (evidence) => {
      firstLeaf(evidence).leaf[0] = 'somebody';
    },
  ],
  [
    'the key of a leaf',
    (evidence) => {
      firstLeaf(evidence).key = 'A'.repeat(43);
    },
  ],
  [
    'the place of a leaf',
    (evidence) => {
      firstLeaf(evidence).index += 1;
    },
  ],
  [
    'a proof',
    (evidence) => {
      firstLeaf(evidence).proof[0] = 'A'.repeat(43);
    },
  ],
  ['a shortened proof', (evidence) => void firstLeaf(evidence).proof.pop()],
  [
    'a leaf shown twice',
    ({ chains }) => {
      const link = chains[0]!.links.find((one) => one.leaves)!;
      link.leaves!.push(link.leaves![0]!);
    },
  ],
  [
    'leaves replaced by a root',
    ({ chains }) => {
      const link = chains[0]!.links[0]!;
      delete link.leaves;
      delete link.leafCount;
      link.root = 'A'.repeat(43);
    },
  ],
  [
    'when a batch was taken',
    ({ chains }) => {
      chains[0]!.links[0]!.takenAtMs += 1;
    },
  ],
  [
    'the sequences of a link',
    ({ chains }) => {
      chains[0]!.links[0]!.firstSequence += 1;
    },
  ],
  [
    'a gap in a link',
    ({ chains }) => {
      chains[0]!.links[0]!.gaps = [[1, 2, 3, 4]];
    },
  ],
  [
    'a lost link',
    ({ chains }) => {
      chains[0]!.links[0]!.kind = 'lost';
    },
  ],
  ['an omitted link', ({ chains }) => void chains[0]!.links.splice(1, 1)],
  ['links in another order', ({ chains }) => void chains[0]!.links.reverse()],
  ['an omitted chain', ({ chains }) => void chains.pop()],
  ['a chain twice', ({ chains }) => void chains.push(chains[0]!)],
  [
    'the beginning of a chain',
    ({ chains }) => {
      chains[1]!.previous = 'B'.repeat(43);
    },
  ],
  [
    'the end of a chain',
    ({ chains }) => {
      chains[1]!.end = 'A'.repeat(43);
    },
  ],
  [
    'another journal',
    ({ chains }) => {
      chains[0]!.journalId = 'gateway-9';
    },
  ],
  [
    'usage from before the chain',
    ({ opening, invoice, usage }) => void opening.push([invoice.clientId, 'ghost', usage[0]![0], 3]),
  ],
  [
    'a move',
    ({ moves, invoice }) =>
      void moves.push({
        identifierId: 'other-key',
        fromClientId: invoice.clientId,
        toClientId: 'quiet',
        fromMs: 0,
        toMs: null,
      }),
  ],
  [
    'the amount',
    ({ invoice }) => {
      invoice.amountMinor = '1';
    },
  ],
  [
    'the amount and its line',
    ({ invoice }) => {
      invoice.amountMinor = String(BigInt(invoice.amountMinor) + 100n);
      invoice.lines[0]!.amountMinor = String(BigInt(invoice.lines[0]!.amountMinor) + 100n);
      invoice.lines[0]!.posts += 1;
    },
  ],
  [
    'the price',
    ({ invoice }) => {
      invoice.lines[0]!.priceMinor = '1';
    },
  ],
  [
    'the wording of a line',
    ({ invoice }) => {
      invoice.lines[0]!.description = 'Tea';
    },
  ],
  [
    'the recipient of the invoice',
    ({ invoice }) => {
      invoice.billTo!.legalName = 'Somebody';
    },
  ],
  [
    'the number',
    ({ invoice }) => {
      invoice.number += 1;
    },
  ],
  [
    'when it was issued',
    ({ invoice }) => {
      invoice.issuedAtMs = 0;
    },
  ],
  [
    'the hash of the content',
    (evidence) => {
      evidence.contentHash = '0'.repeat(64);
    },
  ],
  [
    'the hash of the usage',
    (evidence) => {
      evidence.usageHash = '0'.repeat(64);
    },
  ],
  [
    'the state that it is based on',
    ({ asOf }) => {
      asOf.journals = { ...asOf.journals, 'gateway-1': 1 };
    },
  ],
  ['the stretch', ({ asOf }) => void Object.assign(asOf, { toMs: asOf.toMs - 60_000 })],
  [
    'the days',
    ({ span }) => {
      span.fromMs -= 86_400_000;
    },
  ],
  [
    'the breach',
    ({ breach }) => {
      breach!.peakPosts = 1;
    },
  ],
  [
    'the terms',
    ({ tariffs }) => {
      tariffs.find((one) => one.clientId !== null)!.terms!.price = '2.00';
    },
  ],
  ['an omitted tariff', ({ tariffs }) => void tariffs.pop()],
  [
    'unique posts',
    (evidence) => {
      evidence.unique = { posts: 1, isExact: true, withoutId: 0 };
    },
  ],
  [
    'the amount of a reading',
    ({ readings }) => {
      readings.at(-1)!.amount = '1.00';
    },
  ],
  ['an omitted reading', ({ readings }) => void readings.pop()],
  [
    'another reading as the one used',
    ({ readings }) => {
      readings[1]!.isUsed = true;
    },
  ],
];

describe('the content of a signed file must be consistent', () => {
  it.each(CHANGES)('detects a change: %s', async (_what, change) => {
    const evidence = evidenceSchema.parse(JSON.parse(await payloadOf(place('1.jws'))));
    expect(checkEvidence(evidence, sha256)).toEqual([]);
    change(evidence);
    expect(checkEvidence(evidence, sha256)).not.toEqual([]);
  });

  it('finds an earlier invoice that is omitted, or has another amount', async () => {
    const evidence = evidenceSchema.parse(JSON.parse(await payloadOf(place('3.jws'))));
    expect(evidence.earlier.map(({ number }) => number)).toEqual([1, 2]);
    expect(checkEvidence({ ...evidence, earlier: evidence.earlier.slice(1) }, sha256)).not.toEqual([]);
    evidence.earlier[0]!.amountMinor = '1';
    expect(checkEvidence(evidence, sha256)).not.toEqual([]);
  });

  it('finds an offset line that names another invoice, or is declared a charge', async () => {
    for (const change of [{ offsetsInvoiceId: null }, { kind: 'charge' }] as const) {
      const evidence = evidenceSchema.parse(JSON.parse(await payloadOf(place('3.jws'))));
      const offset = evidence.invoice.lines.find(({ kind }) => kind === 'offset')!;
      Object.assign(offset, change);
      expect(checkEvidence(evidence, sha256)).not.toEqual([]);
    }
  });

  it('accepts a file of an earlier version, in which only the text of a line names its invoice', async () => {
    const evidence = evidenceSchema.parse(JSON.parse(await payloadOf(place('3.jws'))));
    for (const { lines } of [evidence.invoice, ...evidence.earlier]) {
      for (const line of lines) {
        delete line.kind;
        delete line.offsetsInvoiceId;
      }
    }
    expect(checkEvidence(evidence, sha256)).toEqual([]);
    const offset = evidence.invoice.lines.find(({ description }) => description === 'Less invoice 1')!;
    offset.description = 'Less invoice 9';
    expect(checkEvidence(evidence, sha256)).not.toEqual([]);
  });

  it('reports the results of other readings', async () => {
    const { readings } = evidenceSchema.parse(JSON.parse(await payloadOf(place('4.jws'))));
    const amounts = Object.fromEntries(readings.map(({ name, amount }) => [name, amount]));
    // 166 posts in total, 100 of them under the threshold, at a dollar each.
    expect(amounts).toMatchObject({ as_billed: '66.00', basis_all: '166.00', calendar_days: '166.00' });
    expect(readings.filter((one) => one.isUsed).map(({ name }) => name)).toEqual(['as_billed']);
  });
});
