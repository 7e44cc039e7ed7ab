/** Reads the account of a client: open invoices, movements, and balances. */

import { and, asc, eq, gt, inArray, isNull, or, type SQL, sql } from 'drizzle-orm';
import type { DebtFilter, DebtRecord } from '../../../admin/payments/port.ts';
import { type AccountDocument, movementsOf } from '../../../receivable/movements.ts';
import { type AccountBalance, accountBalance, type Movement } from '../../../receivable/statement.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { clients, invoices } from '../schema.ts';
import { coDebtors } from '../seller/tables.ts';
import { LEFT_OF_PAYMENT } from './read-payments.ts';
import { DISPLAY_NUMBER, entryOf, paymentOf, receivableOf, refundOf } from './rows.ts';
import { entries, payments, receivables, refunds } from './tables.ts';

/** Open invoices, oldest due first. */
export async function openDebts(
  db: LedgerDb,
  { sellerId, currency, clientId }: DebtFilter,
): Promise<DebtRecord[]> {
  const rows = await db
    .select({
      receivable: receivables,
      displayNumber: DISPLAY_NUMBER,
      paymentReference: sql<string | null>`${invoices.document}->>'paymentReference'`,
      buyer: sql<string | null>`coalesce(${invoices.billTo}->>'legalName', ${clients.legalName})`,
      name: clients.name,
      others: sql<string[]>`coalesce((select json_agg(${coDebtors.legalName}) from ${coDebtors}
        where ${coDebtors.clientId} = ${receivables.clientId} and ${coDebtors.legalName} is not null), '[]')`,
    })
    .from(receivables)
    .innerJoin(invoices, eq(invoices.id, receivables.invoiceId))
    .innerJoin(clients, eq(clients.id, receivables.clientId))
    .where(
      and(
        gt(receivables.balanceMinor, 0n),
        eq(receivables.sellerId, sellerId),
        currency === undefined ? undefined : eq(receivables.currency, currency),
        clientId === undefined ? undefined : eq(receivables.clientId, clientId),
      ),
    )
    .orderBy(asc(receivables.dueOn), asc(receivables.invoiceId));
  return rows.map(({ receivable, buyer, name, others, ...quoted }) => ({
    receivable: receivableOf(receivable),
    ...{ invoiceId: receivable.invoiceId, clientId: receivable.clientId, currency: receivable.currency },
    ...{ balanceMinor: receivable.balanceMinor, dueOn: receivable.dueOn, ...quoted },
    payers: [...(buyer === null ? [] : [buyer]), name, ...others],
  }));
}

/** Reads in one snapshot. */
export function accountMovements(db: LedgerDb, clientId: string, currency: string): Promise<Movement[]> {
  return db.transaction(
    async (tx) => {
      const documents = await issuedDocuments(tx, clientId, currency);
      const ofClient = (column: SQL) => sql`${column} in (
        select ${invoices.id} from ${invoices} where ${invoices.clientId} = ${clientId} and ${invoices.currency} = ${currency})`;
      const written = await tx
        .select()
        .from(entries)
        .where(ofClient(sql`${entries.invoiceId}`));
      const own = await tx
        .select()
        .from(payments)
        .where(and(eq(payments.clientId, clientId), eq(payments.currency, currency)));
      const paidBy = [
        ...new Set(written.flatMap(({ paymentId }) => (paymentId === null ? [] : [paymentId]))),
      ];
      const others = await tx
        .select()
        .from(payments)
        .where(and(isNull(payments.clientId), inArray(payments.id, paidBy)));
      const ownIds = own.map(({ id }) => id);
      const paidBack = await tx
        .select()
        .from(refunds)
        .where(or(inArray(refunds.paymentId, ownIds), ofClient(sql`${refunds.creditNoteId}`)));
      return movementsOf({
        documents,
        entries: written.map(entryOf),
        payments: own.map(paymentOf),
        otherPayments: others.map(paymentOf),
        refunds: paidBack.map(refundOf),
      });
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

async function issuedDocuments(tx: LedgerDb, clientId: string, currency: string): Promise<AccountDocument[]> {
  const rows = await tx
    .select({ invoice: invoices, number: DISPLAY_NUMBER, dueOn: receivables.dueOn })
    .from(invoices)
    .leftJoin(receivables, eq(receivables.invoiceId, invoices.id))
    .where(
      and(eq(invoices.clientId, clientId), eq(invoices.currency, currency), eq(invoices.status, 'issued')),
    );
  return rows.map(({ invoice: { id, kind, issuedAt, amountMinor, taxMinor }, number, dueOn }) => ({
    ...{ id, kind, number, dueOn, issuedAtMs: issuedAt!.getTime(), payableMinor: amountMinor + taxMinor },
  }));
}

/** Open balances, and what is left of payments and credit notes, by currency. */
export async function accountBalances(db: LedgerDb, clientId: string): Promise<AccountBalance[]> {
  const rows = await rowsOf(
    db,
    sql`select currency, sum(open)::text as open, sum(money)::text as money from (
      select ${receivables.currency} as currency, ${receivables.balanceMinor}::numeric as open, 0::numeric as money
        from ${receivables} where ${receivables.clientId} = ${clientId}
      union all
      select ${payments.currency}, 0, ${LEFT_OF_PAYMENT} from ${payments} where ${payments.clientId} = ${clientId}
      union all
      select ${invoices.currency}, 0, ${LEFT_OF_CREDIT} from ${invoices}
        where ${invoices.clientId} = ${clientId} and ${invoices.kind} = 'credit_note' and ${invoices.status} = 'issued'
    ) as account group by currency having sum(open) <> 0 or sum(money) <> 0 order by currency`,
  );
  return rows.map(({ currency, open, money }) =>
    accountBalance(String(currency), BigInt(String(open)), BigInt(String(money))),
  );
}

/** The rule of `leftOf` (src/receivable/funds.ts), of a credit note. */
const LEFT_OF_CREDIT: SQL = sql`(-(${invoices.amountMinor} + ${invoices.taxMinor})
  + (select coalesce(sum(${entries.amountMinor}), 0) from ${entries} where ${entries.creditNoteId} = ${invoices.id})
  - (select coalesce(sum(${refunds.amountMinor}), 0) from ${refunds} where ${refunds.creditNoteId} = ${invoices.id}))`;
