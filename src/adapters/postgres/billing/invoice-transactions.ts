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
import type { Seal } from '../../../invoice/seal.ts';
import { decisionEvent } from '../../../notify/billing-events.ts';
import { writeAudit } from '../admin/audit.ts';
import { holdOf } from '../billing-holds.ts';
import type { LedgerDb } from '../connection/db.ts';
import { writeEvents } from '../notify/write-events.ts';
import { knownTokens } from '../proposal/known-tokens.ts';
import { enterIssued } from '../receivable/enter-issued.ts';
import { openBookOf } from '../receivable/open-books.ts';
import { breaches, clients, invoices } from '../schema.ts';
import { type TariffVersionRow, versionsOf } from '../tariff-rows.ts';
import { lockAccount, withLines } from './account.ts';
import { lockCounter, setLast } from './invoice-series.ts';
import { issuingFacts } from './issuing-facts.ts';
import { breachOf, invoiceRow, tariffVersionOf } from './rows.ts';
import { issueBasis } from './seal.ts';

export function invoiceTransactions(db: LedgerDb, bucketSeconds: number): InvoiceTransactions {
  return { transaction: (work) => db.transaction((tx) => work(invoiceTransaction(tx, bucketSeconds))) };
}

/** Reads and writes of invoices in an open transaction. */
export function invoiceTransaction(tx: LedgerDb, bucketSeconds: number): InvoiceTransaction {
  /** The same for the rules and for the seal, which are read one after the other. */
  const versions = new Map<string, Promise<TariffVersionRow[]>>();
  const versionRows = (clientId: string) => {
    const rows = versions.get(clientId) ?? versionsOf(tx, [clientId]);
    versions.set(clientId, rows);
    return rows;
  };
  return {
    lockInvoice: (id) => lockInvoice(tx, id),
    tariffs: async (clientId) => (await versionRows(clientId)).map(tariffVersionOf),
    issuing: async (invoice) => (await issuingFacts(tx, [invoice], true))[0]!,
    basis: async (invoice, breach) =>
      issueBasis(tx, invoice, breach, await versionRows(invoice.clientId), bucketSeconds),
    tokens: (nowMs) => knownTokens(tx, nowMs),
    lockLastNumber: (counter) => lockCounter(tx, counter),
    save: (decision) => save(tx, decision, {}),
    saveIssued: async (decision, seal) => {
      const { after, actor, atMs } = decision;
      await setLast(tx, after.series, after.number!);
      const { unique = null, ...sealed } = seal ?? {};
      await save(tx, decision, { ...sealed, uniquePosts: unique === null ? null : { ...unique } });
      // A credit note may correct an invoice that is older than the book.
      if (after.kind === 'credit_note') await openBookOf(tx, after.clientId, atMs);
      await enterIssued(tx, after, { actor, atMs });
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

/** `sealed` are the columns that only an issued invoice has. */
async function save(
  tx: LedgerDb,
  decision: InvoiceDecision,
  sealed: Partial<Omit<Seal, 'unique'>> & Pick<typeof invoices.$inferInsert, 'uniquePosts'>,
): Promise<void> {
  const { action, before, after, actor, atMs, reason, isAlone } = decision;
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
      ...{
        before: auditOf(before),
        after: { ...auditOf(after), ...(contentHash && { contentHash }), ...(isAlone && { alone: true }) },
      },
    },
  );
}

function auditOf({ status, number, currency, amountMinor }: Invoice) {
  return { status, number, currency, amountMinor: amountMinor.toString() };
}
