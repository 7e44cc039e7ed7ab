/** A ledger whose book of receivables has rows of every table, on an issued invoice of `fillLedger`. */

import { and, eq, gt } from 'drizzle-orm';
import { v7 } from 'uuid';
import type { LedgerDb } from '../../src/adapters/postgres/connection/db.ts';
import { postgresPayments } from '../../src/adapters/postgres/receivable/books.ts';
import { receivables } from '../../src/adapters/postgres/receivable/tables.ts';
import type { Actor } from '../../src/admin/port.ts';
import { utcDateOf } from '../../src/receivable/date.ts';

export async function fillBook(db: LedgerDb, who: Actor): Promise<void> {
  const [owed] = await db
    .select()
    .from(receivables)
    .where(and(eq(receivables.currency, 'USD'), gt(receivables.balanceMinor, 10n)))
    .limit(1);
  const { invoiceId, clientId, sellerId, currency } = owed!;
  const books = postgresPayments(db);
  const id = v7();
  const today = utcDateOf(who.atMs);
  await books.record(
    {
      ...{
        id,
        sellerId,
        clientId,
        currency,
        receivedOn: today,
        amountMinor: 20n,
        payer: 'x',
        reference: 'x',
      },
      ...{ method: 'x', source: 'bank', externalId: 'x', note: 'x' },
    },
    [{ invoiceId, amountMinor: 5n }],
    who,
  );
  const result = await books.allocate({ kind: 'payment', id }, [{ invoiceId, amountMinor: 3n }], who);
  const entryId = result.kind === 'written' ? result.value[0]!.id : 0;
  await books.reverse({ entryId, on: today, reason: 'x' }, who);
  const refund = { paymentId: id, creditNoteId: null, paidOn: today, reason: 'x' };
  await books.refund({ id: v7(), amountMinor: 4n, ...refund }, who);
}
