/** Reads payments with what is left of them, and entries with what a reader needs beside them. */

import { and, asc, desc, eq, gte, ilike, inArray, lt, lte, or, type SQL, sql } from 'drizzle-orm';
import type {
  EntryRecord,
  PaymentDetail,
  PaymentFilter,
  PaymentRecord,
} from '../../../admin/payments/port.ts';
import type { Page, PageRequest } from '../../../admin/port.ts';
import { pageOf, rowsAsked } from '../admin/page.ts';
import type { LedgerDb } from '../connection/db.ts';
import { invoices } from '../schema.ts';
import { DISPLAY_NUMBER, entryOf, paymentOf, refundOf } from './rows.ts';
import { entries, payments, refunds } from './tables.ts';

const allocated = sql`(select coalesce(-sum(${entries.amountMinor}), 0) from ${entries} where ${entries.paymentId} = ${payments.id})`;
const refunded = sql`(select coalesce(sum(${refunds.amountMinor}), 0) from ${refunds} where ${refunds.paymentId} = ${payments.id})`;
/** The rule of `leftOf` (src/receivable/funds.ts). */
export const LEFT_OF_PAYMENT: SQL = sql`(${payments.amountMinor} - ${allocated} - ${refunded})`;

export async function listPayments(
  db: LedgerDb,
  filter: PaymentFilter,
  page: PageRequest,
): Promise<Page<PaymentRecord>> {
  const rows = await selectPayments(db, [
    ...conditions(filter),
    page.after === null ? undefined : lt(payments.id, page.after),
  ])
    .orderBy(desc(payments.id))
    .limit(rowsAsked(page));
  return pageOf(rows, page, recordOf, ({ payment }) => payment.id);
}

export async function paymentDetail(db: LedgerDb, id: string): Promise<PaymentDetail | null> {
  const [row] = await selectPayments(db, [eq(payments.id, id)]);
  if (row === undefined) return null;
  const paidBack = await db.select().from(refunds).where(eq(refunds.paymentId, id)).orderBy(asc(refunds.id));
  return {
    ...recordOf(row),
    entries: await entryRecords(db, eq(entries.paymentId, id)),
    refunds: paidBack.map(refundOf),
  };
}

/** Ids by external id. */
export async function recordedPayments(
  db: LedgerDb,
  source: string,
  externalIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .select({ id: payments.id, externalId: payments.externalId })
    .from(payments)
    .where(and(eq(payments.source, source), inArray(payments.externalId, [...externalIds])));
  return new Map(rows.map(({ id, externalId }) => [externalId!, id]));
}

/** Returns null if there is no such invoice. */
export async function invoiceEntries(db: LedgerDb, invoiceId: string): Promise<EntryRecord[] | null> {
  const [invoice] = await db.select({ id: invoices.id }).from(invoices).where(eq(invoices.id, invoiceId));
  if (invoice === undefined) return null;
  return entryRecords(db, or(eq(entries.invoiceId, invoiceId), eq(entries.creditNoteId, invoiceId))!);
}

async function entryRecords(db: LedgerDb, which: SQL): Promise<EntryRecord[]> {
  const rows = await db
    .select({
      entry: entries,
      number: DISPLAY_NUMBER,
      clientId: invoices.clientId,
      reversedById: sql<
        number | null
      >`(select undoing.id from entries as undoing where undoing.reverses_id = ${entries.id})`.mapWith(
        (value) => (value === null ? null : Number(value)),
      ),
    })
    .from(entries)
    .innerJoin(invoices, eq(invoices.id, entries.invoiceId))
    .where(which)
    .orderBy(asc(entries.id));
  return rows.map(({ entry, ...rest }) => ({ ...entryOf(entry), ...rest }));
}

function selectPayments(db: LedgerDb, where: readonly (SQL | undefined)[]) {
  return db
    .select({
      payment: payments,
      allocatedMinor: sql`${allocated}::text`.mapWith(BigInt),
      refundedMinor: sql`${refunded}::text`.mapWith(BigInt),
    })
    .from(payments)
    .where(and(...where))
    .$dynamic();
}

type PaymentRow = Awaited<ReturnType<typeof selectPayments>>[number];

function recordOf({ payment, allocatedMinor, refundedMinor }: PaymentRow): PaymentRecord {
  const leftMinor = payment.amountMinor - allocatedMinor - refundedMinor;
  return { ...paymentOf(payment), allocatedMinor, refundedMinor, leftMinor };
}

function conditions(filter: PaymentFilter): (SQL | undefined)[] {
  const { sellerId, clientId, currency, q, receivedFrom, receivedTo, hasLeft } = filter;
  return [
    sellerId === undefined ? undefined : eq(payments.sellerId, sellerId),
    clientId === undefined ? undefined : eq(payments.clientId, clientId),
    currency === undefined ? undefined : eq(payments.currency, currency),
    q === undefined ? undefined : mentions(q),
    receivedFrom === undefined ? undefined : gte(payments.receivedOn, receivedFrom),
    receivedTo === undefined ? undefined : lte(payments.receivedOn, receivedTo),
    hasLeft === true ? sql`${LEFT_OF_PAYMENT} > 0` : undefined,
  ];
}

function mentions(text: string): SQL | undefined {
  const pattern = `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  const columns = [payments.payer, payments.reference, payments.note, payments.externalId, payments.clientId];
  return or(...columns.map((column) => ilike(column, pattern)));
}
