/** What is owed on the invoices of a filter: sums by label, and debts by age. */

import { and, eq, gt, sql } from 'drizzle-orm';
import type { OwedSums } from '../../../admin/invoice-book.ts';
import type { InvoiceFilter } from '../../../admin/port.ts';
import type { ReceivableLabel } from '../../../receivable/label.ts';
import type { LedgerDb } from '../connection/db.ts';
import { receivables } from '../receivable/tables.ts';
import { breaches, clients, invoices } from '../schema.ts';
import { invoiceConditions, labelColumn } from './filter.ts';

export async function owedSums(tx: LedgerDb, filter: InvoiceFilter, today: string): Promise<OwedSums> {
  const openMinor = sql`sum(${receivables.balanceMinor})::text`.mapWith(BigInt);
  const isDisputed = sql<boolean>`${receivables.disputeId} is not null`;
  const where = and(...invoiceConditions({ ...filter, label: undefined }));
  const labels = await tx
    .select({
      label: sql<ReceivableLabel>`${labelColumn(today)}`,
      currency: receivables.currency,
      invoices: sql`count(*)`.mapWith(Number),
      openMinor,
    })
    .from(invoices)
    .innerJoin(receivables, eq(receivables.invoiceId, invoices.id))
    .innerJoin(clients, eq(clients.id, invoices.clientId))
    .leftJoin(breaches, eq(breaches.id, invoices.breachId))
    .where(where)
    .groupBy(sql`1`, receivables.currency)
    .orderBy(sql`1`, receivables.currency);
  const debts = await tx
    .select({ currency: receivables.currency, dueOn: receivables.dueOn, isDisputed, openMinor })
    .from(invoices)
    .innerJoin(receivables, eq(receivables.invoiceId, invoices.id))
    .innerJoin(clients, eq(clients.id, invoices.clientId))
    .leftJoin(breaches, eq(breaches.id, invoices.breachId))
    .where(and(gt(receivables.balanceMinor, 0n), where))
    .groupBy(receivables.currency, receivables.dueOn, isDisputed);
  return { labels, debts };
}
