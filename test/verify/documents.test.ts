/** A changed document or sending is found by comparison with the audit log, its hash and its invoice. */

import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type EmptyLedger, emptyLedger } from '../adapters/postgres/empty-ledger.ts';
import { completeSeller } from '../support/sellers.ts';
import { fillDocuments } from './filled-documents.ts';
import { LedgerAtWork, minute, SMALL, usageAt } from './tampered-ledger.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let empty: EmptyLedger;
let work: LedgerAtWork;
beforeAll(async () => {
  empty = await emptyLedger('postgres', 'verify-documents');
  const { db } = empty.ledger;
  work = new LedgerAtWork(db, false);
  await completeSeller(db);
  await work.client('acme', SMALL);
  await work.take('gateway-1', [usageAt('acme', 0, 150)]);
  await work.bill(minute(20));
  await work.issue('acme', minute(21));
  await fillDocuments(db, minute(22));
});
afterAll(() => empty.drop());

const found = async (table: string, statement: string) => work.codesAfter(table, statement);

it('an unchanged ledger has no finding about documents', async () => {
  const { findings } = await work.verify();
  expect(findings.filter(({ subject }) => /^(documents|sendings)/.test(subject))).toEqual([]);
});

it.each([
  ['documents', "bytes = bytes || '\\x00'::bytea"],
  ['documents', "sha256 = 'x'"],
  ['documents', "content_hash = 'x'"],
  ['documents', 'id = gen_random_uuid()'],
  ['documents', "subject = 'invoices/x'"],
  ['documents', "kind = 'letter'"],
  ['documents', "format = 'cii'"],
  ['documents', "language = 'fr'"],
  ['documents', 'copy = 2'],
  ['documents', 'template = 2'],
  ['documents', "file_name = 'x'"],
  ['documents', "made_at = made_at + interval '1 second'"],
  ['documents', "made_by = 'x'"],
  ['sendings', 'id = gen_random_uuid()'],
  ['sendings', "channel = 'webhook'"],
  ['sendings', "address = 'x'"],
  ['sendings', "at = at + interval '1 second'"],
  ['sendings', "actor = 'x'"],
  ['sendings', "outcome = 'failed'"],
  ['sendings', 'status = 251'],
  ['sendings', "detail = 'x'"],
])('a change of %s (%s) is found', async (table, change) => {
  const tables = change.startsWith('id') ? 'documents,sendings' : table;
  const statement =
    table === 'documents' && change.startsWith('id')
      ? 'delete from sendings; update documents set id = gen_random_uuid()'
      : `update ${table} set ${change}`;
  expect(await found(tables, statement)).toContain('record_differs');
});
