/** Verification of a real ledger: no findings on an unchanged ledger, and at least one for any change. */

import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../../src/adapters/postgres/connection/db.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { fillLedger, type LedgerAtWork } from './tampered-ledger.ts';

/** Changes of the ledger, with the codes that must at least be reported. */
const TAMPERINGS: ReadonlyArray<readonly [string, string, string, readonly string[]]> = [
  [
    'posts added to a row of usage',
    'usage',
    `update usage set posts = posts + 1 where client_id = 'quiet' and posts > 0 and identifier_id = 'quiet-key' and bucket_at = (select min(bucket_at) from usage)`,
    ['usage_differs'],
  ],
  [
    'a row of usage deleted',
    'usage',
    `delete from usage where client_id = 'damages' and identifier_id = 'other-key' and bucket_at = (select min(bucket_at) from usage)`,
    ['usage_differs', 'breach_differs'],
  ],
  [
    'a row of usage made up',
    'usage',
    `insert into usage select client_id, 'ghost', bucket_at, posts, requests, refused, bytes, uncounted from usage where client_id = 'quiet' and posts > 0 limit 1`,
    ['usage_differs'],
  ],
  [
    'refused requests hidden',
    'usage',
    `update usage set refused = refused + 1 where client_id = 'licence'`,
    ['usage_differs'],
  ],
  [
    'figures in a batch',
    'batches',
    `update batches set content = replace(content, '40,1,0,400,0', '41,1,0,400,0') where journal_id = 'gateway-1'`,
    ['chain_hash', 'usage_differs', 'usage_hash'],
  ],
  [
    'the spelling of a batch',
    'batches',
    `update batches set content = replace(content, ',', ', ') where journal_id = 'gateway-2' and last_sequence = 1`,
    ['batch_content', 'usage_differs'],
  ],
  [
    'a batch that is no JSON',
    'batches',
    `update batches set content = 'gone' where journal_id = 'gateway-2' and last_sequence = 2`,
    ['batch_content', 'usage_differs', 'usage_hash'],
  ],
  [
    'the salt of a batch',
    'batches',
    `update batches set salt = decode(repeat('00', 16), 'hex') where journal_id = 'gateway-1' and last_sequence = 3`,
    ['chain_hash'],
  ],
  [
    'the moment at which a batch was taken',
    'batches',
    `update batches set taken_at = taken_at + interval '1 second' where journal_id = 'gateway-1' and last_sequence = 3`,
    ['chain_hash'],
  ],
  [
    'the span of a batch',
    'batches',
    `update batches set to_at = to_at + interval '1 minute' where journal_id = 'gateway-2' and last_sequence = 1`,
    ['batch_span'],
  ],
  [
    'a batch deleted from the middle',
    'batches',
    `delete from batches where journal_id = 'gateway-1' and last_sequence = 6`,
    ['chain_link', 'chain_sequence', 'usage_differs'],
  ],
  [
    'the first batch deleted',
    'batches',
    `delete from batches where journal_id = 'gateway-1' and last_sequence = 3`,
    ['chain_link', 'chain_sequence', 'usage_differs'],
  ],
  [
    'the last batch deleted',
    'batches',
    `delete from batches where journal_id = 'gateway-2' and last_sequence = 5`,
    ['chain_end', 'usage_differs', 'chains_hash'],
  ],
  [
    'a hash in the chain',
    'batches',
    `update batches set hash = sha256('x') where journal_id = 'gateway-1' and last_sequence = 6`,
    ['chain_hash', 'chain_link'],
  ],
  [
    'the last sequence of a journal',
    'journals',
    `update journals set last_sequence = last_sequence + 1 where id = 'gateway-1'`,
    ['chain_end'],
  ],
  [
    'the last hash of a journal',
    'journals',
    `update journals set last_hash = sha256('x') where id = 'gateway-1'`,
    ['chain_end'],
  ],
  [
    'the start of a chain',
    'journals',
    `update journals set chained_from = 3 where id = 'gateway-1'`,
    ['chain_sequence'],
  ],
  ...[
    "hash = repeat('0', 64)",
    "version = '9.9.9'",
    "from_at = from_at + interval '1 second'",
    'sequence = 2',
  ].map((change): readonly [string, string, string, readonly string[]] => [
    `the configuration of a journal: ${change}`,
    'journal_configurations',
    `update journal_configurations set ${change} where journal_id = 'gateway-1'`,
    ['chain_hash'],
  ]),
  ...['policy_version = 2', 'rights_sequence = 6', "at = at + interval '1 second'", 'sequence = 2'].map(
    (change): readonly [string, string, string, readonly string[]] => [
      `the epoch of a journal: ${change}`,
      'journal_epochs',
      `update journal_epochs set ${change} where journal_id = 'gateway-1'`,
      ['chain_hash'],
    ],
  ),
  [
    'the text of a configuration',
    'configurations',
    `update configurations set content = replace(content, '"bucketSeconds":60', '"bucketSeconds":10')`,
    ['configuration_hash'],
  ],
  [
    'a batch and its usage and the journal put back together',
    'batches',
    `with gone as (delete from batches where journal_id = 'gateway-2' and last_sequence = 5 returning 1), back as (update journals set last_sequence = 4, last_hash = (select hash from batches where journal_id = 'gateway-2' and last_sequence = 4) where id = 'gateway-2') delete from usage where client_id = 'damages' and posts = 7`,
    ['chains_hash', 'usage_hash', 'invoice_differs'],
  ],
  [
    'an amount',
    'invoices',
    `update invoices set amount_minor = amount_minor + 1 where number = 1`,
    ['invoice_sum', 'content_hash', 'invoice_differs', 'audit_differs'],
  ],
  [
    'an amount with its line',
    'invoices,invoice_lines',
    `with line as (update invoice_lines set amount_minor = amount_minor + 100, posts = posts + 1 where invoice_id = (select id from invoices where number = 4)) update invoices set amount_minor = amount_minor + 100 where number = 4`,
    ['content_hash', 'invoice_differs', 'audit_differs'],
  ],
  [
    'posts of a line',
    'invoice_lines',
    `update invoice_lines set posts = posts - 1 where position = 0 and invoice_id = (select id from invoices where number = 1)`,
    ['line_amount', 'content_hash', 'invoice_differs'],
  ],
  [
    'the price of a line',
    'invoice_lines',
    `update invoice_lines set price_minor = 101 where position = 0 and invoice_id = (select id from invoices where number = 1)`,
    ['line_tariff', 'line_amount', 'content_hash'],
  ],
  [
    'the wording of a line',
    'invoice_lines',
    `update invoice_lines set description = 'Tea' where position = 0 and invoice_id = (select id from invoices where number = 1)`,
    ['content_hash'],
  ],
  [
    'a line deleted',
    'invoice_lines',
    `delete from invoice_lines where position = 1 and invoice_id = (select id from invoices where number = 2)`,
    ['invoice_sum', 'content_hash', 'invoice_differs'],
  ],
  [
    'a number',
    'invoices',
    `update invoices set number = 7 where number = 5`,
    ['number_gap', 'number_last', 'content_hash'],
  ],
  [
    'an invoice taken out of issue',
    'invoices',
    `update invoices set status = 'void', number = null where number = 5`,
    ['number_last', 'draft_differs'],
  ],
  ['the counter of numbers', 'invoice_numbers', `update invoice_numbers set last = 9`, ['number_last']],
  [
    'the addressee of an invoice',
    'invoices',
    `update invoices set bill_to = bill_to || '{"legalName":"Somebody"}' where number = 2`,
    ['content_hash'],
  ],
  [
    'what an invoice corrects',
    'invoices',
    `update invoices set corrects_id = null where number = 3`,
    ['content_hash', 'invoice_differs'],
  ],
  [
    'the hash of the content alone',
    'invoices',
    `update invoices set content_hash = repeat('0', 64) where number = 1`,
    ['content_hash', 'audit_differs'],
  ],
  [
    'the hash of the usage alone',
    'invoices',
    `update invoices set usage_hash = repeat('0', 64) where number = 1`,
    ['content_hash', 'usage_hash'],
  ],
  [
    'the state that it rests on',
    'invoices',
    `update invoices set usage_as_of = jsonb_set(usage_as_of, '{journals,gateway-2}', '5') where number = 1`,
    ['content_hash', 'chains_hash'],
  ],
  [
    'the seal taken off',
    'invoices',
    `update invoices set content_hash = null, usage_hash = null, usage_as_of = null where number = 5`,
    ['audit_differs', 'seal_missing'],
  ],
  [
    'all seals taken off',
    'invoices',
    `update invoices set content_hash = null, usage_hash = null, usage_as_of = null`,
    ['audit_differs', 'seal_missing'],
  ],
  [
    'the terms of a tariff',
    'tariff_versions',
    `update tariff_versions set terms = jsonb_set(terms, '{price}', '"2.00"') where client_id = 'damages' and version = 1`,
    ['tariff_differs', 'content_hash', 'invoice_differs', 'line_tariff'],
  ],
  [
    'the threshold of the first tariff',
    'tariff_versions',
    `update tariff_versions set terms = jsonb_set(terms, '{threshold}', '5') where client_id is null`,
    ['tariff_differs', 'content_hash'],
  ],
  [
    'terms that are no tariff',
    'tariff_versions',
    `update tariff_versions set terms = '{"kind":"gift"}' where client_id = 'excess'`,
    ['tariff_differs', 'content_hash', 'line_tariff'],
  ],
  [
    'a tariff dated back',
    'tariff_versions',
    `update tariff_versions set valid_from = valid_from + interval '1 minute' where client_id = 'licence'`,
    ['tariff_differs', 'content_hash'],
  ],
  [
    'a row of the audit log removed',
    'audit',
    `delete from audit where action = 'invoice.issued' and subject = (select 'invoices/' || id from invoices where number = 3)`,
    ['audit_missing'],
  ],
  [
    'a row of the audit log changed',
    'audit',
    `update audit set after = jsonb_set(after, '{amountMinor}', '"1"') where action = 'invoice.issued' and subject = (select 'invoices/' || id from invoices where number = 3)`,
    ['audit_differs'],
  ],
  [
    'a tariff change removed from the audit log',
    'audit',
    `delete from audit where action = 'tariff.changed' and subject = 'clients/excess/tariffs'`,
    ['tariff_differs'],
  ],
  [
    'a breach',
    'breaches',
    `update breaches set posts = posts + 1 where client_id = 'drafted'`,
    ['breach_differs'],
  ],
  [
    'a breach deleted',
    'invoices,invoice_lines',
    `with gone as (delete from invoice_lines where invoice_id in (select id from invoices where client_id = 'drafted')), too as (delete from invoices where client_id = 'drafted') delete from breaches where client_id = 'drafted'`,
    ['breach_differs', 'draft_differs'],
  ],
  [
    'a draft made smaller',
    'invoices',
    `update invoices set amount_minor = 1 where client_id = 'drafted'`,
    ['draft_differs'],
  ],
  [
    'an invoice twice',
    'invoices,invoice_lines',
    `with twice as (insert into invoices (id, number, kind, status, client_id, breach_id, currency, amount_minor, bill_to, approved_by, issued_at) select gen_random_uuid(), 6, kind, status, client_id, null, currency, amount_minor, bill_to, approved_by, issued_at from invoices where number = 4 returning id) insert into invoice_lines select twice.id, position, tariff_version_id, description, from_at, to_at, posts + 200, price_minor, block, rounding, amount_minor, peak_posts, peak_at from twice, invoice_lines where invoice_id = (select id from invoices where number = 4)`,
    ['billed_over_served', 'audit_missing', 'seal_missing', 'number_last', 'line_amount'],
  ],
  [
    'a gap that no batch knows',
    'gaps',
    `insert into gaps values ('gateway-1', 4, now(), now(), 1, 1)`,
    ['gap_unlinked'],
  ],
  [
    'a gap that its batch does not know',
    'gaps',
    `insert into gaps values ('gateway-1', 6, now(), now(), 1, 1)`,
    ['chain_hash'],
  ],
  [
    'opening usage',
    'opening_usage',
    `insert into opening_usage select * from usage where client_id = 'quiet' limit 1`,
    ['usage_differs'],
  ],
  [
    'unique posts',
    'unique_buckets',
    `insert into unique_buckets select client_id, bucket_at, 1000, 1 from usage where client_id = 'quiet' limit 1`,
    ['unique_implausible'],
  ],
];

describe.each(LEDGER_KINDS)('a ledger on %s', (kind) => {
  let empty: EmptyLedger;
  let work: LedgerAtWork;
  beforeAll(async () => {
    empty = await emptyLedger(kind, 'verify');
    work = await fillLedger(empty.ledger.db);
  });
  afterAll(() => empty.drop());

  it('has no findings as the product left it, with invoice, supplement, credit note, excess and licence', async () => {
    const issued = await rowsOf(
      empty.ledger.db,
      sql`select kind from invoices where status = 'issued' order by number`,
    );
    const kinds = issued.map((row) => row.kind);
    expect(kinds).toEqual(['invoice', 'supplement', 'credit_note', 'invoice', 'invoice']);
    expect(await work.verify()).toEqual({ findings: [], notes: [] });
  });

  it.each(TAMPERINGS)('finds %s', async (_what, table, statement, codes) => {
    expect(await work.codesAfter(table, statement)).toEqual(expect.arrayContaining([...codes]));
  });

  it('is unchanged after all tamperings are undone', async () => {
    expect((await work.verify()).findings).toEqual([]);
  });
});
