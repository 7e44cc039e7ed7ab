/** Opens the book of invoices that versions without a book issued: by the rule of the issue, due 30 days after it. */

import { and, eq, isNull, ne, sql } from 'drizzle-orm';
import { byIssue } from '../../../invoice/issued-order.ts';
import { lockAccount, withLines } from '../billing/account.ts';
import type { LedgerDb } from '../connection/db.ts';
import { invoices } from '../schema.ts';
import { enterIssued } from './enter-issued.ts';
import { entries } from './tables.ts';

const isUncharged = and(
  eq(invoices.status, 'issued'),
  ne(invoices.kind, 'credit_note'),
  isNull(invoices.document),
  sql`not exists (select from ${entries} where ${entries.invoiceId} = ${invoices.id})`,
);

/**
 * Returns a function that opens the books of all clients, each in a transaction, and returns the number of clients.
 * Only an earlier version leaves invoices without a book, so it reads the ledger until nothing is left, and not again.
 */
export function bookOpening(db: LedgerDb): (nowMs: number) => Promise<number> {
  let isOpen = false;
  return async (nowMs) => {
    if (isOpen) return 0;
    const rows = await db.selectDistinct({ clientId: invoices.clientId }).from(invoices).where(isUncharged);
    for (const { clientId } of rows) {
      await db.transaction(async (tx) => {
        await lockAccount(tx, clientId);
        await openBookOf(tx, clientId, nowMs);
      });
    }
    isOpen = rows.length === 0;
    return rows.length;
  };
}

/** Opens the book of a client whose billing state is locked. Changes nothing if it is open. */
export async function openBookOf(tx: LedgerDb, clientId: string, nowMs: number): Promise<void> {
  const ofClient = eq(invoices.clientId, clientId);
  const uncharged = await tx
    .select({ id: invoices.id })
    .from(invoices)
    .where(and(ofClient, isUncharged))
    .limit(1);
  if (uncharged.length === 0) return;
  const rows = await tx
    .select()
    .from(invoices)
    .where(and(ofClient, eq(invoices.status, 'issued'), isNull(invoices.document)));
  for (const issued of (await withLines(tx, rows)).sort(byIssue)) {
    await enterIssued(tx, issued, { actor: 'billing', atMs: nowMs });
  }
}
