/**
 * Reads and locks what a change of the book draws on: first the money, then the receivables in the order of their
 * invoice ids. All writers keep this order, so none waits for another in a circle.
 */

import { and, asc, eq, inArray, max, sql } from 'drizzle-orm';
import type { FundsId } from '../../../admin/payments/port.ts';
import type { AllocationTarget } from '../../../receivable/allocate.ts';
import { latestDate, utcDateOf } from '../../../receivable/date.ts';
import { type Funds, leftOf } from '../../../receivable/funds.ts';
import { DEFAULT_SELLER } from '../../../seller/model.ts';
import type { LedgerDb } from '../connection/db.ts';
import { invoices } from '../schema.ts';
import { receivableOf } from './rows.ts';
import { entries, payments, receivables, refunds } from './tables.ts';

export interface LockedFunds {
  readonly funds: Funds;
  /** When the money came in, or its last entry or refund is effective. */
  readonly lastOn: string;
}

/** Returns null if there is no such payment or issued credit note. */
export async function lockFunds(tx: LedgerDb, { kind, id }: FundsId): Promise<LockedFunds | null> {
  const found = kind === 'payment' ? await lockPayment(tx, id) : await lockCreditNote(tx, id);
  if (found === null) return null;
  const { since, ...money } = found;
  const isPayment = kind === 'payment';
  const drawn = await tx
    .select({ amountMinor: entries.amountMinor, on: entries.effectiveOn })
    .from(entries)
    .where(eq(isPayment ? entries.paymentId : entries.creditNoteId, id));
  const refunded = await tx
    .select({ amountMinor: refunds.amountMinor, on: refunds.paidOn })
    .from(refunds)
    .where(eq(isPayment ? refunds.paymentId : refunds.creditNoteId, id));
  return {
    funds: { kind, id, ...money, leftMinor: leftOf(money.amountMinor, drawn, refunded) },
    lastOn: latestDate(since, ...[...drawn, ...refunded].map(({ on }) => on)),
  };
}

async function lockPayment(tx: LedgerDb, id: string) {
  const [row] = await tx.select().from(payments).where(eq(payments.id, id)).for('update');
  if (row === undefined) return null;
  const { clientId, sellerId, currency, amountMinor, receivedOn } = row;
  return { clientId, sellerId, currency, amountMinor, since: receivedOn };
}

async function lockCreditNote(tx: LedgerDb, id: string) {
  const isNote = and(eq(invoices.id, id), eq(invoices.kind, 'credit_note'), eq(invoices.status, 'issued'));
  const [row] = await tx.select().from(invoices).where(isNote).for('update');
  if (row === undefined) return null;
  const { clientId, sellerId, currency, amountMinor, taxMinor, issuedAt } = row;
  return {
    ...{ clientId, currency, sellerId: sellerId ?? DEFAULT_SELLER },
    amountMinor: -(amountMinor + taxMinor),
    since: utcDateOf(issuedAt!.getTime()),
  };
}

/** By invoice id. Invoices without a charge are absent. */
export async function lockTargets(
  tx: LedgerDb,
  invoiceIds: readonly string[],
): Promise<ReadonlyMap<string, AllocationTarget>> {
  const ids = [...new Set(invoiceIds)];
  const locked = await tx
    .select()
    .from(receivables)
    .where(inArray(receivables.invoiceId, ids))
    .orderBy(asc(receivables.invoiceId))
    .for('update');
  const last = await tx
    .select({ invoiceId: entries.invoiceId, on: max(entries.effectiveOn) })
    .from(entries)
    .where(inArray(entries.invoiceId, ids))
    .groupBy(entries.invoiceId);
  const lastOn = new Map(last.map(({ invoiceId, on }) => [invoiceId, on!]));
  const writeOffs = await tx
    .select({ id: entries.id, invoiceId: entries.invoiceId, amountMinor: entries.amountMinor })
    .from(entries)
    .where(and(inArray(entries.invoiceId, ids), eq(entries.kind, 'write_off'), isNotReversed))
    .orderBy(asc(entries.id));
  return new Map(
    locked.map((row) => [
      row.invoiceId,
      {
        receivable: receivableOf(row),
        writeOffs: writeOffs.filter(({ invoiceId }) => invoiceId === row.invoiceId),
        lastOn: lastOn.get(row.invoiceId)!,
      },
    ]),
  );
}

const isNotReversed = sql`not exists (select from ${entries} as undoing where undoing.reverses_id = ${entries.id})`;
