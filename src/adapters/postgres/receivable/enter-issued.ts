/** Writes what the issue of an invoice enters into the book, in the transaction that issues it. */

import { and, asc, eq, gt, inArray, or, type SQL } from 'drizzle-orm';
import { deductedBy } from '../../../invoice/matter.ts';
import type { Invoice } from '../../../invoice/model.ts';
import { entriesAtIssue, type OpenBalance } from '../../../receivable/at-issue.ts';
import { utcDateOf } from '../../../receivable/date.ts';
import type { LedgerDb } from '../connection/db.ts';
import { invoices } from '../schema.ts';
import { entries, receivables } from './tables.ts';

/** The invoice is written as issued, and the billing state of its client is locked. */
export async function enterIssued(
  tx: LedgerDb,
  issued: Invoice,
  { actor, atMs }: { readonly actor: string; readonly atMs: number },
): Promise<void> {
  const { id, kind, correctsId, amountMinor, taxMinor, issuedAtMs } = issued;
  const open = kind === 'credit_note' ? await lockOpenBalances(tx, issued) : [];
  const payableMinor = amountMinor + taxMinor;
  const rows = entriesAtIssue({ id, kind, correctsId, payableMinor }, open);
  if (rows.length === 0) return;
  const effectiveOn = utcDateOf(issuedAtMs ?? atMs);
  await tx.insert(entries).values(rows.map((row) => ({ ...row, effectiveOn, at: new Date(atMs), actor })));
}

/** Open balances of the same breach or month, locked in the order of their ids, which is that of their making. */
async function lockOpenBalances(tx: LedgerDb, issued: Invoice): Promise<OpenBalance[]> {
  return tx
    .select({ invoiceId: receivables.invoiceId, balanceMinor: receivables.balanceMinor })
    .from(receivables)
    .innerJoin(invoices, eq(invoices.id, receivables.invoiceId))
    .where(and(sameMatter(issued), gt(receivables.balanceMinor, 0n)))
    .orderBy(asc(receivables.invoiceId))
    .for('update', { of: receivables });
}

/** The invoices of the matter of this one (src/invoice/matter.ts). */
export function sameMatter(invoice: Invoice): SQL | undefined {
  const { clientId, breachId, monthMs, currency } = invoice;
  const subject =
    breachId === null ? eq(invoices.monthAt, new Date(monthMs ?? 0)) : eq(invoices.breachId, breachId);
  const isInMatter = or(subject, inArray(invoices.id, deductedBy(invoice)));
  return and(eq(invoices.clientId, clientId), eq(invoices.currency, currency), isInMatter);
}
