/** Invoices as the actions of finance read and write them, in one transaction that locks the client's billing state. */

import { eq, sql } from 'drizzle-orm';
import { validate } from 'uuid';
import type { Invoice } from '../../../invoice/model.ts';
import type {
  InvoiceDecision,
  InvoiceTransaction,
  InvoiceTransactions,
  LockedInvoice,
} from '../../../invoice/port.ts';
import type { UniqueCount } from '../../../meter/unique/count.ts';
import { decisionEvent } from '../../../notify/billing-events.ts';
import { sumOfDays } from '../../../report/unique.ts';
import { writeAudit } from '../admin/audit.ts';
import { holdOf } from '../billing-holds.ts';
import type { LedgerDb } from '../connection/db.ts';
import { writeEvents } from '../notify/write-events.ts';
import { breaches, clients, invoices } from '../schema.ts';
import { versionsOf } from '../tariff-rows.ts';
import { uniqueDaysOf } from '../usage/unique-days.ts';
import { lockAccount, withLines } from './account.ts';
import { lockSeries, setLast } from './invoice-series.ts';
import { breachOf, invoiceRow, tariffVersionOf } from './rows.ts';
import { type Seal, sealInvoice } from './seal.ts';

export function invoiceTransactions(db: LedgerDb, bucketSeconds: number): InvoiceTransactions {
  return { transaction: (work) => db.transaction((tx) => work(invoiceTransaction(tx, bucketSeconds))) };
}

function invoiceTransaction(tx: LedgerDb, bucketSeconds: number): InvoiceTransaction {
  return {
    lockInvoice: (id) => lockInvoice(tx, id),
    tariffs: async (clientId) => (await versionsOf(tx, [clientId])).map(tariffVersionOf),
    lockLastNumber: () => lockSeries(tx),
    save: (decision) => save(tx, decision, {}),
    saveIssued: async (decision, breach) => {
      const { after } = decision;
      await setLast(tx, after.number!);
      const unique = await uniquePostsOf(tx, after);
      const seal = await sealInvoice(tx, after, breach, unique, bucketSeconds);
      await save(tx, decision, { ...seal, uniquePosts: unique === null ? null : { ...unique } });
      return seal.contentHash;
    },
  };
}

async function lockInvoice(tx: LedgerDb, id: string): Promise<LockedInvoice | null> {
  const [owner] = await tx.select({ clientId: invoices.clientId }).from(invoices).where(isInvoice(id));
  if (owner === undefined) return null;
  const { dirtyFrom } = await lockAccount(tx, owner.clientId);
  const [row] = await tx
    .select({ invoice: invoices, breach: breaches, client: clients })
    .from(invoices)
    .innerJoin(clients, eq(clients.id, invoices.clientId))
    .leftJoin(breaches, eq(breaches.id, invoices.breachId))
    .where(isInvoice(id));
  const [invoice] = await withLines(tx, [row!.invoice]);
  return {
    invoice: invoice!,
    breach: row!.breach === null ? null : breachOf(row!.breach),
    details: row!.client,
    hold: await holdOf(tx, owner.clientId),
    dirtyFromMs: dirtyFrom?.getTime() ?? null,
  };
}

/** Text that is not a UUID matches no invoice, instead of causing a database error. */
function isInvoice(id: string) {
  return validate(id) ? eq(invoices.id, id) : sql`false`;
}

/** The invoice's count of unique posts, which later usage must not change. */
async function uniquePostsOf(tx: LedgerDb, { clientId, lines }: Invoice): Promise<UniqueCount | null> {
  const fromMs = Math.min(...lines.map((line) => line.fromMs));
  const toMs = Math.max(...lines.map((line) => line.toMs));
  const [days] = await uniqueDaysOf(tx, [{ clientId, fromMs, toMs }]);
  return sumOfDays(days!);
}

/** `sealed` are the columns that only an issued invoice has. */
async function save(
  tx: LedgerDb,
  decision: InvoiceDecision,
  sealed: Partial<Seal> & Pick<typeof invoices.$inferInsert, 'uniquePosts'>,
): Promise<void> {
  const { action, before, after, actor, atMs, reason } = decision;
  await writeEvents(tx, [decisionEvent(decision)]);
  await tx
    .update(invoices)
    .set({ ...invoiceRow(after), ...sealed })
    .where(eq(invoices.id, after.id));
  const { contentHash } = sealed;
  await writeAudit(
    tx,
    { actor, atMs },
    {
      ...{ action, subject: `invoices/${after.id}`, ...(reason !== undefined && { reason }) },
      ...{ before: auditOf(before), after: { ...auditOf(after), ...(contentHash && { contentHash }) } },
    },
  );
}

function auditOf({ status, number, currency, amountMinor }: Invoice) {
  return { status, number, currency, amountMinor: amountMinor.toString() };
}
