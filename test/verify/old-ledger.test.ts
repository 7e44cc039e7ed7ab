/** Ledgers that earlier versions filled migrate, verify and export as before. */

import type { Sql } from 'postgres';
import { expect, it, onTestFinished } from 'vitest';
import { sha256 } from '../../src/adapters/crypto/sha256.ts';
import { migratePostgres } from '../../src/adapters/postgres/connection/migrate.ts';
import { openPostgres } from '../../src/adapters/postgres/connection/open.ts';
import { findIssued, readEvidence } from '../../src/adapters/postgres/verification/evidence.ts';
import { withVerifiableLedger } from '../../src/adapters/postgres/verification/verification.ts';
import { checkEvidence } from '../../src/evidence/check.ts';
import { copyRows, migrateTo, rowsOfTable, sealAsBefore } from '../adapters/postgres/old-ledger.ts';
import { completeSeller } from '../support/sellers.ts';
import { freshDatabase } from '../support/services/fresh-database.ts';
import { fillLedger, LedgerAtWork, usageAt } from './tampered-ledger.ts';

async function database() {
  const { url, drop } = await freshDatabase('old-ledger');
  onTestFinished(drop);
  const ledger = await openPostgres(url);
  onTestFinished(() => ledger.close());
  return { url, ...ledger };
}

it('fills the kinds of lines from their texts, and keeps every seal', async () => {
  const [now, old] = [await database(), await database()];
  await migratePostgres(now.url);
  const filled = await fillLedger(now.db, false);
  await filled.take('gateway-2', [usageAt('damages', 5, 9)]);
  await filled.bill(Date.UTC(2026, 3, 3));
  const lines = await rowsOfTable(now.sql, 'invoice_lines');
  expect(lines.filter((line) => line.includes(',offset,'))).toHaveLength(6);

  await migrateTo('0011_billing_holds', old.sql);
  await copyRows(now.sql, old.sql);
  await sealAsBefore(now.db, old.sql);
  expect(await migratePostgres(old.url)).toBeGreaterThan(0);

  expect(await rowsOfTable(old.sql, 'invoice_lines')).toEqual(lines);
  const work = new LedgerAtWork(old.db);
  expect((await work.verify()).findings).toEqual([]);
  for (const number of ['1', '2', '3', '4', '5']) {
    const evidence = await withVerifiableLedger(old.db, async (ledger, tx) => {
      const issued = (await findIssued(tx, number))!;
      return readEvidence(tx, ledger, issued, issued.asOf!, {});
    });
    expect(checkEvidence(evidence, sha256)).toEqual([]);
  }
  await expect(old.sql.unsafe(`update invoice_lines set kind = 'charge'`)).rejects.toThrow('issued');
  // Billing finds its drafts unchanged, and opens the book of the issued invoices once.
  await work.bill(Date.UTC(2026, 3, 4));
  expect(await rowsOfTable(old.sql, 'invoice_lines')).toEqual(lines);
  const book = await balances(old.sql);
  expect(book).toEqual(await balances(now.sql));
  expect(book.length).toBeGreaterThan(2);
  await new LedgerAtWork(old.db).bill(Date.UTC(2026, 3, 5));
  expect(await balances(old.sql)).toEqual(book);
  // Numbers continue, and the correction of an old invoice is not taxed.
  await old.sql.unsafe(`select setval(pg_get_serial_sequence('audit', 'id'), (select max(id) from audit))`);
  await completeSeller(old.db);
  const id = await draftOf(old.sql, 'damages');
  const billing = work.billing();
  await billing.approveInvoice(id, 'finance', Date.UTC(2026, 3, 6));
  expect(await billing.issueInvoice(id, 'another', Date.UTC(2026, 3, 6))).toMatchObject({
    kind: 'issued',
    number: 6,
    invoice: { taxMinor: 0n, document: { displayNumber: '6', taxRule: { category: 'O' } } },
  });
  expect((await work.verify()).findings).toEqual([]);
});

/** Number, payable amount, balance and days to the due date of each invoice in the book. */
async function balances(sql: Sql): Promise<unknown[]> {
  const rows = await sql.unsafe(`
    select i.number, r.payable_minor, r.balance_minor, r.due_on - (i.issued_at at time zone 'UTC')::date as days
    from receivables r join invoices i on i.id = r.invoice_id order by 1`);
  return [...rows];
}

async function draftOf(sql: Sql, clientId: string): Promise<string> {
  const rows = await sql.unsafe(`select id from invoices where client_id = $1 and status = 'draft'`, [
    clientId,
  ]);
  return String(rows[0]!.id);
}
