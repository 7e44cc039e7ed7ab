/** Issued invoices and credit notes in a ledger, as issue leaves them in the book. */

import { eq } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { LedgerDb } from '../../../../src/adapters/postgres/connection/db.ts';
import { receivables } from '../../../../src/adapters/postgres/receivable/tables.ts';
import { writeEntries } from '../../../../src/adapters/postgres/receivable/write.ts';
import { clients, invoices } from '../../../../src/adapters/postgres/schema.ts';
import { sellers } from '../../../../src/adapters/postgres/seller/tables.ts';

export interface IssueFacts {
  readonly clientId?: string;
  readonly sellerId?: string | null;
  readonly currency?: string;
  /** UTC date of the issue. Without a document, the invoice is due 30 days later. */
  readonly on?: string;
}

let lastNumber = 0;

export async function addClients(db: LedgerDb, ...ids: string[]): Promise<void> {
  const values = ids.map((id) => ({
    id,
    source: 'operator' as const,
    name: `Client ${id}`,
    legalName: `${id} BV`,
  }));
  await db.insert(clients).values(values);
}

export async function addSeller(db: LedgerDb, id: string): Promise<void> {
  await db.insert(sellers).values({ id, legalName: id });
}

/** Issues an invoice of a positive amount, or a credit note of a negative one, and returns its id. */
export async function issued(
  db: LedgerDb,
  amountMinor: bigint,
  facts: IssueFacts = {},
  correctsId: string | null = null,
): Promise<string> {
  const { clientId = 'globex', sellerId = null, currency = 'USD', on = '2026-03-01' } = facts;
  const id = uuidv7();
  const kind = amountMinor < 0n ? 'credit_note' : 'invoice';
  const at = new Date(`${on}T12:00:00Z`);
  const number = ++lastNumber;
  const common = { effectiveOn: on, atMs: at.getTime(), actor: 'Ada', reason: null };
  const none = { paymentId: null, creditNoteId: null, reversesId: null };
  await db.transaction(async (tx) => {
    await tx.insert(invoices).values({
      ...{ id, kind, clientId, sellerId, currency, amountMinor, correctsId, number },
      ...{ status: 'issued', series: 'test', issuedAt: at },
    });
    if (kind === 'invoice') {
      await writeEntries(tx, [{ invoiceId: id, kind: 'charge', amountMinor, ...none, ...common }]);
      return;
    }
    if (correctsId === null) return;
    const [owed] = await tx
      .select()
      .from(receivables)
      .where(eq(receivables.invoiceId, correctsId))
      .for('update');
    const balance = owed?.balanceMinor ?? 0n;
    const credited = balance < -amountMinor ? balance : -amountMinor;
    if (credited === 0n) return;
    const credit = { kind: 'credit' as const, amountMinor: -credited, ...none, creditNoteId: id };
    await writeEntries(tx, [{ invoiceId: correctsId, ...credit, ...common }]);
  });
  return id;
}
