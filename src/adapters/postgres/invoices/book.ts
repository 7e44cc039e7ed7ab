/** The administration's book of invoices on PostgreSQL and PGlite. Every figure is read in one snapshot. */

import { and, asc, eq, inArray, or, sql } from 'drizzle-orm';
import type { InvoiceBook } from '../../../admin/invoice-book.ts';
import type { InvoiceHistory } from '../../../report/invoices/timeline.ts';
import { withLines } from '../billing/account.ts';
import { breachOf, invoiceOf, tariffVersionOf } from '../billing/rows.ts';
import type { LedgerDb } from '../connection/db.ts';
import { receivables } from '../receivable/tables.ts';
import { audit, breaches, clients, invoiceLines, invoices, tariffVersions } from '../schema.ts';
import { readingBasis } from './basis.ts';
import { decidableInvoices } from './decidable.ts';
import { unsignedEvidence } from './evidence.ts';
import { invoiceConditions, stateColumn } from './filter.ts';
import { owedSums } from './owed.ts';
import { verifyIssued } from './verify.ts';

/** Rows of the audit log that a timeline shows, oldest first. */
const MAX_AUDIT_ROWS = 1000;

export function postgresInvoiceBook(db: LedgerDb): InvoiceBook {
  const snapshot = <T>(read: (tx: LedgerDb) => Promise<T>): Promise<T> =>
    db.transaction(read, { isolationLevel: 'repeatable read', accessMode: 'read only' });
  return {
    sums: async (filter, rules) => {
      const state = sql<string>`${stateColumn(rules)}`;
      const rows = await db
        .select({
          state,
          currency: invoices.currency,
          invoices: sql`count(*)`.mapWith(Number),
          amountMinor: sql`sum(${invoices.amountMinor})::text`.mapWith(BigInt),
        })
        .from(invoices)
        .innerJoin(clients, eq(clients.id, invoices.clientId))
        .leftJoin(breaches, eq(breaches.id, invoices.breachId))
        .leftJoin(receivables, eq(receivables.invoiceId, invoices.id))
        .where(and(...invoiceConditions({ ...filter, state: undefined })))
        .groupBy(sql`1`, invoices.currency)
        .orderBy(sql`1`, asc(invoices.currency));
      return rows as Awaited<ReturnType<InvoiceBook['sums']>>;
    },
    owed: (filter, today) => snapshot((tx) => owedSums(tx, filter, today)),
    linesOf: (invoiceIds) => snapshot((tx) => linesOf(tx, invoiceIds)),
    decidable: (invoiceIds) => snapshot((tx) => decidableInvoices(tx, invoiceIds)),
    history: (invoiceId) => snapshot((tx) => historyOf(tx, invoiceId)),
    basis: (invoiceId, bucketSeconds) => snapshot((tx) => readingBasis(tx, invoiceId, bucketSeconds)),
    verify: (invoiceId) => verifyIssued(db, invoiceId),
    evidence: (invoiceId) => unsignedEvidence(db, invoiceId),
  };
}

async function linesOf(tx: LedgerDb, invoiceIds: readonly string[]) {
  const rows = await tx
    .select()
    .from(invoices)
    .where(inArray(invoices.id, [...invoiceIds]));
  const read = await withLines(tx, rows);
  const versionIds = [...new Set(read.flatMap(({ lines }) => lines.map((line) => line.tariffVersionId)))];
  const tariffs = await tx.select().from(tariffVersions).where(inArray(tariffVersions.id, versionIds));
  return {
    byInvoice: new Map(read.map(({ id, lines }) => [id, lines])),
    tariffs: tariffs.map(tariffVersionOf),
  };
}

async function historyOf(tx: LedgerDb, invoiceId: string): Promise<InvoiceHistory | null> {
  const [row] = await tx
    .select({ invoice: invoices, breach: breaches })
    .from(invoices)
    .leftJoin(breaches, eq(breaches.id, invoices.breachId))
    .where(eq(invoices.id, invoiceId));
  if (row === undefined) return null;
  const decisions = await tx
    .select()
    .from(audit)
    .where(
      or(
        eq(audit.subject, `invoices/${invoiceId}`),
        sql`starts_with(${audit.subject}, ${`invoices/${invoiceId}/disputes/`})`,
        and(eq(audit.action, 'proposal.made'), sql`${audit.after}->>'subject' = ${`invoices/${invoiceId}`}`),
      ),
    )
    .orderBy(asc(audit.id))
    .limit(MAX_AUDIT_ROWS);
  const offsetting = tx
    .select({ id: invoiceLines.invoiceId })
    .from(invoiceLines)
    .where(eq(invoiceLines.offsetsInvoiceId, invoiceId));
  const corrections = await tx
    .select()
    .from(invoices)
    .where(or(eq(invoices.correctsId, invoiceId), inArray(invoices.id, offsetting)))
    .orderBy(asc(invoices.id));
  return {
    invoice: invoiceOf(row.invoice, []),
    breach: row.breach === null ? null : breachOf(row.breach),
    audit: decisions.map(({ at, actor, action, reason }) => ({ atMs: at.getTime(), actor, action, reason })),
    corrections: corrections.map((one) => invoiceOf(one, [])),
  };
}
