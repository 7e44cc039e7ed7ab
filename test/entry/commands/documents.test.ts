/** `postmeter invoices pdf`, `documents` and `send` on the ledger itself. */

import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { migratePostgres } from '../../../src/adapters/postgres/connection/migrate.ts';
import { openPostgres } from '../../../src/adapters/postgres/connection/open.ts';
import { invoicesCommand } from '../../../src/entry/commands/billing/invoices.ts';
import { CO_DEBTOR, documentOf, issueDocument } from '../../document/issued.ts';
import { type FreshDatabase, freshDatabase } from '../../support/services/fresh-database.ts';

let database: FreshDatabase;
let folder: string;
const mails: string[] = [];
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onRcptTo: ({ address }, _session, done) =>
    done(
      address.startsWith('ap@') ? null : Object.assign(new Error('No such mailbox'), { responseCode: 550 }),
    ),
  onData: (stream, _session, done) => {
    text(stream).then((body) => {
      mails.push(body);
      done();
    }, done);
  },
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postmeter-documents-'));
  database = await freshDatabase('document-commands');
  await migratePostgres(database.url);
  const ledger = await openPostgres(database.url);
  await issueDocument(ledger.db, 7, documentOf(7, { coDebtors: [CO_DEBTOR] }));
  await ledger.close();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
  const config = join(folder, 'postmeter.config.json');
  await writeFile(config, JSON.stringify({ receivers: { mailFrom: 'billing@network.example' } }));
  vi.stubEnv('DATABASE_URL', database.url);
  vi.stubEnv('POSTMETER_CONFIG', config);
  vi.stubEnv('SMTP_URL', `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await new Promise<void>((done) => server.close(() => done()));
  await database.drop();
  await rm(folder, { recursive: true });
});

async function run(...args: string[]) {
  let [out, err] = ['', ''];
  const command = invoicesCommand();
  for (const each of [command, ...command.commands]) {
    each.exitOverride().configureOutput({ writeOut: (one) => (out += one), writeErr: (one) => (err += one) });
  }
  const error = await command.parseAsync(args, { from: 'user' }).then(
    () => null,
    (cause: Error) => cause.message,
  );
  return { out: out.trim(), err: err.trim(), error };
}

it('lists what is missing, writes a PDF, and lists it', async () => {
  const before = await run('documents', '7');
  expect(before.out).toBe('No document is made yet. Postmeter makes them after its next billing run.');
  expect(before.err).toBe('pdf (en, copy 1) is not made yet\npdf (en, copy 2) is not made yet');
  const out = join(folder, 'out.pdf');
  const written = await run('pdf', '7', '--language', 'de', '--copy', '2', '--out', out);
  expect(written.error).toBeNull();
  const bytes = await readFile(out);
  expect(bytes.subarray(0, 5).toString('latin1')).toBe('%PDF-');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  expect(written.out).toBe(`${out} (${bytes.length} bytes, SHA-256 ${sha256})`);
  const { documents } = JSON.parse((await run('documents', '7', '--format', 'json')).out);
  expect(documents).toMatchObject([{ language: 'de', copy: 2, sha256, fileName: 'PM-7-de-copy-2.pdf' }]);
});

it.each([
  [['pdf', '8'], /No issued invoice has the number 8/],
  [['pdf', 'nonsense'], /is not the number of an invoice/],
  [['pdf', '7', '--copy', '3'], /copy does not exist: the document has 2: use 1 to 2/],
  [['pdf', '7', '--copy', '0'], /whole number from 1/],
  [['pdf', '7', '--format', 'docx'], /Allowed choices are pdf, cii/],
  [['pdf', '7', '--format', 'xrechnung-ubl'], /buyer\.\w+ /],
  [['pdf', '7', '--out', '/nonexistent/x.pdf'], /cannot be written: name another file with --out/],
  [['send', '7', '--to', 'x', '--webhook', 'y'], /cannot be used with/],
])('%j is refused with the reason', async (args, message) => {
  expect((await run(...args)).error).toMatch(message);
});

it('sends each debtor its copy, reports the attempt that fails, and fails itself', async () => {
  const sent = await run('send', '7');
  expect(sent.out).toMatch(
    /^mail to ap@globex\.example: sent with 250\nmail to law@proxy\.example: failed with 550: /,
  );
  expect(sent.error).toBe('1 of 2 attempts failed; they are recorded');
  expect(mails).toHaveLength(1);
  const again = await run('send', '7', '--to', 'ap2@globex.example');
  expect(again.error).toMatch(/1 of 1 attempts failed/);
});
