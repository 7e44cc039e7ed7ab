/**
 * Every column of the ledger is either covered by verification, which detects a change of it, or listed with the
 * reason.
 */

import { sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { sha256 } from '../../src/adapters/crypto/sha256.ts';
import { adminStore } from '../../src/adapters/postgres/admin/store.ts';
import { type LedgerDb, rowsOf } from '../../src/adapters/postgres/connection/db.ts';
import { postgresRights } from '../../src/adapters/postgres/rights/books.ts';
import { postgresUsageLedger } from '../../src/adapters/postgres/usage/ledger.ts';
import { withVerifiableLedger } from '../../src/adapters/postgres/verification/verification.ts';
import { subjectOf } from '../../src/rights/subject.ts';
import { verifyLedger } from '../../src/verify/ledger.ts';
import { type EmptyLedger, emptyLedger } from '../adapters/postgres/empty-ledger.ts';
import { fillBook } from './filled-book.ts';
import { fillClaims } from './filled-claims.ts';
import { fillDocuments } from './filled-documents.ts';
import { fillSellers } from './filled-sellers.ts';
import { fillLedger, type LedgerAtWork, minute, RULES, SMALL, usageAt } from './tampered-ledger.ts';

// Runs the whole verification some 160 times, up to the first finding.
vi.setConfig({ testTimeout: 300_000 });

/** Tables and columns that verification does not cover. */
const NOT_COVERED: Readonly<Record<string, string>> = {
  unique_days: 'ids of posts are in no chain: only what cannot be is found',
  unique_posts: 'ids of posts are in no chain: what an invoice took from them is in its seal',
  unique_buckets: 'ids of posts are in no chain: what an invoice took from them is in its seal',
  moved_posts: 'it tells windows what changed; billing reads moves',
  billing_due: 'a work list: too much in it costs time, and what is missing differs from the books',
  client_totals: 'the order of lists, rewritten every minute; nothing is billed from it',
  what_ifs: 'other terms tried on usage; nothing is billed from it',
  what_if_clients: 'other terms tried on usage; nothing is billed from it',
  counting_hours: 'shown to operators; nothing is billed from it',
  rights_exposure: 'shown to operators; nothing is billed from it',
  agent_directories: 'fetched again from the signers; nothing is billed from it',
  agent_lists: 'fetched again from the operators of agents; nothing is billed from it',
  agent_verdicts: 'found again by reverse DNS; nothing is billed from it',
  unmatched_paths: 'shown to operators; nothing is billed from it',
  promotions: 'a summary: the moves, ranges and audit rows that it made are covered',
  caller_days: 'shown to operators; nothing is billed from it',
  document_failures: 'why a document could not be made the last time; nothing is billed from it',
  counting_sources: 'makes repeated counts harmless; nothing is billed from them',
  sessions: 'who is signed in to the console; nothing is billed from it',
  receivers: 'who is told of events; nothing is billed from it, and the audit log has each change',
  events: 'what was reported; what it reports is verified where it is written',
  messages: 'who was told; nothing is billed from it',
  attempts: 'who was told; nothing is billed from it',
  client_levels: 'what was reported of totals, which are computed from usage',
  level_settings: 'when events are written; nothing is billed from it, and the audit log has each change',
  client_notes: 'what people wrote; nothing is billed from it',
  secrets: 'a changed secret makes every key unknown: it cannot make one key that of another client',
  rights_sources: 'names of sources; settings repeat them',
  rights_calls: 'makes repeated calls harmless',
  'rights_settings.effective_at': 'settings are in no chain: only what does not follow from them is found',
  'rights_settings.received_at': 'settings are in no chain: only what does not follow from them is found',
  'rights_settings.source_id': 'settings are in no chain: only what does not follow from them is found',
  'rights_settings.source_ref': 'settings are in no chain: only what does not follow from them is found',
  'rights_settings.actor': 'settings are in no chain: only what does not follow from them is found',
  'rights_settings.reason': 'settings are in no chain: only what does not follow from them is found',
  'rights_subjects.kind': 'settings are in no chain: only what does not follow from them is found',
  'rights_subjects.scope': 'settings are in no chain: only what does not follow from them is found',
  'rights_subjects.name': 'settings are in no chain: only what does not follow from them is found',
  'rights_current.changed_at': 'shown to operators',
  'journals.taken_at': 'when the journal was last heard; each batch has its own moment',
  'moves.id': 'a name; a change that puts moves in another order shows in usage',
  'billing_holds.id': 'a name',
  'breaches.created_at': 'bookkeeping: the breach itself is computed from usage',
  'breaches.updated_at': 'bookkeeping: the breach itself is computed from usage',
  'invoices.created_at': 'bookkeeping: approval, rejection and issue have moments of their own',
  'invoices.updated_at': 'bookkeeping: approval, rejection and issue have moments of their own',
  'sellers.created_at': 'bookkeeping: the audit log has each change',
  'sellers.updated_at': 'bookkeeping: the audit log has each change',
  'number_series.created_at': 'bookkeeping: the audit log has each change',
  'tax_rules.created_at': 'bookkeeping: the audit log has each change',
  'receivables.updated_at': 'bookkeeping: the last entry has its moment',
  'invoices.approver_token_id': 'approved_by, which is covered, names the same token',
  'audit.id': 'a name and an order',
  'audit.before': 'the state before a change, which the row before it has too',
};

/** The row, or the column's row, that is changed. Any row by default. */
const ROW: Readonly<Record<string, string>> = {
  audit: `action = 'tariff.changed' and subject = 'clients/damages/tariffs'`,
  breaches: `client_id = 'drafted'`,
  clients: `id = 'damages'`,
  identifiers: `kind = 'api_key'`,
  'identifiers.cidr': `kind = 'cidr'`,
  'identifiers.agent': `kind = 'agent'`,
  invoices: 'number = 1',
  'invoices.rejection': `status = 'rejected'`,
  invoice_lines: 'position = 0 and invoice_id = (select id from invoices where number = 2)',
  tariff_versions: `client_id = 'damages' and version = 1`,
  usage: `client_id = 'damages'`,
  entries: `kind = 'payment'`,
  'entries.reverses_id': `kind = 'reversal'`,
  'entries.credit_note_id': `kind = 'reversal'`,
};

/** Changes that a constraint of the table or the meaning of the column requires. */
const CHANGE: Readonly<Record<string, string>> = {
  'breaches.state': `state = 'void'`,
  'entries.id': 'id = id + 1000000',
  'entries.kind': `kind = 'write_off', payment_id = null`,
  'refunds.credit_note_id': 'credit_note_id = gen_random_uuid(), payment_id = null',
  'identifiers.kind': `kind = 'cidr', cidr = '192.0.2.0/24', key_hash = null`,
  'invoices.number': 'number = 100',
  'invoices.status': `status = 'void', number = null`,
  'invoice_lines.position': 'position = 9',
  'tariff_versions.version': 'version = 50',
  'usage.bucket_at': `bucket_at = bucket_at + interval '1 year'`,
};

const CHANGED_VALUE: Readonly<Record<string, (column: string) => string>> = {
  text: (column) => `coalesce(${column}, '') || 'x'`,
  bigint: (column) => `coalesce(${column}, 0) + 1`,
  integer: (column) => `coalesce(${column}, 0) + 1`,
  boolean: (column) => `not ${column}`,
  'double precision': (column) => `coalesce(${column}, 0) + 1`,
  'timestamp with time zone': (column) => `coalesce(${column}, now()) + interval '1 minute'`,
  jsonb: () => `'{"changed": true}'`,
  uuid: () => 'gen_random_uuid()',
  bytea: (column) => `${column} || '\\x00'::bytea`,
  cidr: () => `'192.0.2.7/32'`,
  date: (column) => `${column} + 1`,
  ARRAY: (column) => `array_append(${column}, 'x')`,
};

interface Column {
  readonly table: string;
  readonly name: string;
  readonly type: string;
}

let empty: EmptyLedger;
let work: LedgerAtWork;
beforeAll(async () => {
  empty = await emptyLedger('postgres', 'verify-columns');
  work = await fillLedger(empty.ledger.db);
  await fillTheOtherTables(empty.ledger.db);
});
afterAll(() => empty.drop());

/** Fills the tables that `fillLedger` leaves empty, as operators and gateways do. */
async function fillTheOtherTables(db: LedgerDb): Promise<void> {
  const store = adminStore(db);
  const who = { actor: 'operator', atMs: minute(70) };
  await work.identifier('quiet', 'quiet-key');
  await store.addIdentifier({ id: 'range', clientId: 'quiet', kind: 'cidr', cidr: '203.0.113.0/24' }, who);
  await store.addIdentifier({ id: 'agent', clientId: 'quiet', kind: 'agent', agent: 'GPTBot' }, who);
  await store.addIdentifier(
    { id: 'old', clientId: 'quiet', kind: 'api_key', keyHash: 'hash of old', keyHint: 'hint' },
    who,
  );
  await store.revokeIdentifier('quiet', 'old', who);
  const both = { fromClientId: 'quiet', toClientId: 'excess' };
  await work.move({ ...both, identifierId: 'quiet-key', fromMs: minute(200), untilMs: null }, minute(70));
  await store.createToken({ id: v7(), name: 'clerk', hash: 'a'.repeat(64), roles: ['finance'] }, who);
  const policy = { action: 'refuse', status: 403, reason: 'abuse', untilMs: minute(99) } as const;
  await store.setPolicy('quiet', policy, who);
  await store.setPolicy('excess', policy, who);
  await store.removePolicy('excess', who);
  const hold = await store.holdClient('quiet', 'a complaint', who);
  if (hold === null || hold === 'unknown_client') throw new Error('the client was not put on hold');
  await store.releaseBillingHold(hold.id, 'settled', who);
  const later = { clientId: 'quiet', tariff: SMALL, reason: 'a mistake', validFromMs: Date.UTC(2099, 0) };
  const added = await store.addTariffVersion({ id: v7(), ...later, supersedes: null }, who);
  if (added.kind !== 'added') throw new Error(added.kind);
  await store.withdrawTariffVersion('quiet', added.version.id, 'not agreed', who);
  await work.client('disputed', SMALL);
  const gap = { fromMs: minute(1), toMs: minute(2), responses: 3, posts: 4 };
  const usage = [0, 1, 2].map((at) => usageAt('disputed', at, 60));
  await postgresUsageLedger(db).take({
    ...{ journalId: 'gateway-3', firstSequence: 1, lastSequence: 1, usage, gaps: [gap] },
  });
  const april = Date.UTC(2026, 3, 2);
  await work.bill(april);
  const drafts = await store.invoices({ clientId: 'disputed', status: 'draft' }, { limit: 9, after: null });
  await work.billing().rejectInvoice(drafts.items[0]!.id, 'not theirs', 'finance', april);
  await work.billing().advanceNumbers('invoices', 9, 'given before the restore', 'finance', april);
  await fillSellers(db, who);
  await fillBook(db, who);
  await fillDocuments(db, who.atMs);
  await fillClaims(db);
  const explicit = { subject: subjectOf('post', '', '1'), state: 'explicit', value: 'on', ref: 'x' } as const;
  const settings = [{ ...explicit, effectiveAtMs: minute(70) }];
  const call = { sourceId: 'platform', reason: 'asked', settings, once: { key: 'k', digest: 'd' } };
  await postgresRights(db, 10).write(call, who);
  await db.transaction(async (tx) => {
    await tx.execute(sql`set local session_replication_role = replica`);
    for (const table of ['opening_usage', 'usage']) {
      await tx.execute(
        sql.raw(`insert into ${table} values ('quiet', 'before', '2026-02-01T00:00:00Z', 3, 1, 0, 30, 0)`),
      );
    }
  });
}

async function columns(): Promise<Column[]> {
  const rows = await rowsOf(
    work.db,
    sql`
    select table_name as table, column_name as name, data_type as type
    from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where table_schema = 'public' and table_type = 'BASE TABLE' order by ordinal_position, 1`,
  );
  return rows as unknown as Column[];
}

/** Whether verification finds a change of the column in one row, made with triggers and references disabled. */
async function isFound({ table, name, type }: Column): Promise<boolean> {
  const column = `${table}.${name}`;
  const change = CHANGE[column] ?? `${name} = ${CHANGED_VALUE[type]!(name)}`;
  const row = ROW[column] ?? ROW[table] ?? 'true';
  const undone = new Error('undone');
  let found = false;
  await work.db
    .transaction(async (tx) => {
      await tx.execute(sql`set local session_replication_role = replica`);
      const changed = await rowsOf(
        tx,
        sql.raw(
          `update ${table} set ${change} where ctid = (select ctid from ${table} where ${row} limit 1) returning 1`,
        ),
      );
      expect(changed, `rows changed in ${column}`).toHaveLength(1);
      found = await withVerifiableLedger(tx, async (ledger) => {
        for await (const one of verifyLedger(ledger, RULES, sha256)) if ('finding' in one) return true;
        return false;
      });
      throw undone;
    })
    .catch((error: unknown) => {
      if (error !== undone) throw new Error(column, { cause: error });
    });
  return found;
}

it('finds a change of every column that is not listed', async () => {
  expect((await work.verify()).findings).toEqual([]);
  const all = await columns();
  const known = new Set(all.flatMap(({ table, name }) => [table, `${table}.${name}`]));
  expect(Object.keys(NOT_COVERED).filter((name) => !known.has(name))).toEqual([]);
  const covered = all.filter(
    ({ table, name }) => !(table in NOT_COVERED || `${table}.${name}` in NOT_COVERED),
  );
  const missed: string[] = [];
  const look = async () => {
    for (let next = covered.pop(); next !== undefined; next = covered.pop()) {
      if (!(await isFound(next))) missed.push(`${next.table}.${next.name}`);
    }
  };
  // The columns of one table are far from each other, so that no two of these wait for the same row.
  await Promise.all([look(), look(), look()]);
  expect(missed).toEqual([]);
});
