/**
 * Numbers of a yearly series (M4): connections are cut at any moment of an issue, and no number is missing or given
 * twice. The issued invoices have their documents and their entries in the book.
 */

import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { rowsOf } from '../../../../src/adapters/postgres/connection/db.ts';
import { postgresSellers } from '../../../../src/adapters/postgres/seller/books.ts';
import type { InvoiceKind } from '../../../../src/invoice/model.ts';
import { DEFAULT_SELLER, DEFAULT_SERIES } from '../../../../src/seller/model.ts';
import { completeSeller } from '../../../support/sellers.ts';
import { LedgerAtWork, minute, SMALL, usageAt } from '../../../verify/tampered-ledger.ts';
import { type EmptyLedger, emptyLedger } from '../empty-ledger.ts';

// Each cut makes a new connection, which takes this long only on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const CLIENTS = Array.from({ length: 24 }, (_, at) => `client-${String(at).padStart(2, '0')}`);
const NEW_YEAR_MS = Date.UTC(2027, 0);
const KINDS: readonly InvoiceKind[] = ['invoice', 'supplement', 'credit_note'];

let empty: EmptyLedger;
let work: LedgerAtWork;
const drafts = new Map<string, string>();

async function issue(client: string, atMs: number): Promise<void> {
  const outcome = await work.billing().issueInvoice(drafts.get(client)!, 'finance', atMs);
  if (outcome.kind !== 'issued' && outcome.kind !== 'already_issued')
    throw new Error(JSON.stringify(outcome));
}

beforeAll(async () => {
  empty = await emptyLedger('postgres', 'yearly-numbers');
  const { db } = empty.ledger;
  work = new LedgerAtWork(db, false);
  await completeSeller(db);
  const sellers = postgresSellers(db);
  const who = { actor: 'admin', atMs: minute(0) };
  await sellers.archiveNumberSeries(DEFAULT_SELLER, DEFAULT_SERIES, 'a yearly series follows', who);
  const yearly = { series: 'pm', sellerId: DEFAULT_SELLER, kinds: KINDS, prefix: 'PM-', width: 4 };
  await sellers.addNumberSeries({ ...yearly, isYearly: true }, who);
  for (const client of CLIENTS) await work.client(client, SMALL);
  await work.take(
    'gateway-1',
    CLIENTS.map((client) => usageAt(client, 0, 500)),
  );
  await work.bill(minute(100));
  for (const row of await rowsOf(db, sql`select id, client_id as client from invoices`)) {
    drafts.set(String(row.client), String(row.id));
    await work.billing().approveInvoice(String(row.id), 'finance', minute(101));
  }
});
afterAll(() => empty.drop());

it('gives every number once and in order, from 1 in the new year, although connections are cut', async () => {
  const other = await empty.another();
  const cut = () =>
    rowsOf(
      other.db,
      sql`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`,
    );
  let cuts = 0;
  for (const [at, client] of CLIENTS.entries()) {
    const atMs = at < CLIENTS.length / 2 ? NEW_YEAR_MS - 1 : NEW_YEAR_MS;
    // The delays cover an issue from its first statement to after its commit.
    const issuing = issue(client, atMs).catch(() => null);
    await new Promise((resolve) => setTimeout(resolve, 3 * (at % 12)));
    await cut();
    if ((await issuing) !== null) continue;
    cuts++;
    await issueUncut(client, atMs);
  }
  expect(cuts).toBeGreaterThan(3);
  // The last connection may be cut.
  const rows = await rowsOf(
    other.db,
    sql`select client_id as client, series, number, document->>'displayNumber' as printed,
          (select count(*)::int from entries where invoice_id = invoices.id) as entries
        from invoices where status = 'issued' order by series, number`,
  );
  const half = CLIENTS.length / 2;
  expect(rows).toEqual(
    CLIENTS.map((client, at) => {
      const [year, number] = at < half ? [2026, at + 1] : [2027, at + 1 - half];
      const printed = `PM-${year}-${String(number).padStart(4, '0')}`;
      return { client, series: `pm/${year}`, number: expect.anything(), printed, entries: 1 };
    }),
  );
  expect((await new LedgerAtWork(other.db, false).verify()).findings).toEqual([]);
});

/** A connection that was cut may fail once more. */
async function issueUncut(client: string, atMs: number): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await issue(client, atMs);
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}
