/** Changes of the book: payments, allocations, reversals and refunds, each with its audit row. */

import { and, eq } from 'drizzle-orm';
import type {
  BookResult,
  FundsId,
  NewPayment,
  NewRefund,
  RecordPaymentResult,
} from '../../../admin/payments/port.ts';
import type { Actor } from '../../../admin/port.ts';
import {
  type Allocation,
  allocationEntries,
  allocationFaults,
  exceedsLeft,
} from '../../../receivable/allocate.ts';
import { latestDate } from '../../../receivable/date.ts';
import type { BookFault } from '../../../receivable/fault.ts';
import type { Entry, Payment, Refund } from '../../../receivable/model.ts';
import { type Reversal, reversalEntry, reversalFault } from '../../../receivable/reverse.ts';
import { writeAudit } from '../admin/audit.ts';
import type { LedgerDb } from '../connection/db.ts';
import { clients } from '../schema.ts';
import { sellers } from '../seller/tables.ts';
import { lockFunds, lockTargets } from './lock.ts';
import { entryOf, paymentOf, refundOf } from './rows.ts';
import { entries, payments, refunds } from './tables.ts';
import { auditEntries, inBook, refuseIf, writeEntries, writtenInBook } from './write.ts';

export function recordPayment(
  db: LedgerDb,
  payment: NewPayment,
  allocations: readonly Allocation[],
  who: Actor,
): Promise<RecordPaymentResult> {
  return inBook(db, async (tx): Promise<RecordPaymentResult> => {
    refuseIf(await partyFaults(tx, payment));
    const row = { ...payment, at: new Date(who.atMs), actor: who.actor };
    // A concurrent insertion of the same source and external id is awaited, and then found.
    const [added] = await tx.insert(payments).values(row).onConflictDoNothing().returning();
    if (added === undefined) return found(tx, payment);
    const after = { ...payment, amountMinor: String(payment.amountMinor) };
    await writeAudit(tx, who, { action: 'payment.recorded', subject: `payments/${payment.id}`, after });
    if (allocations.length > 0) await allocateIn(tx, { kind: 'payment', id: payment.id }, allocations, who);
    return { kind: 'recorded', id: payment.id };
  });
}

/** The payment that has the source and external id already. */
async function found(tx: LedgerDb, payment: NewPayment): Promise<RecordPaymentResult> {
  const { source, externalId } = payment;
  const [row] = await tx
    .select()
    .from(payments)
    .where(and(eq(payments.source, source), eq(payments.externalId, externalId!)));
  const { id, atMs, actor, ...before }: Payment = paymentOf(row!);
  const isSame = Object.entries(before).every(
    ([name, value]) => payment[name as keyof typeof before] === value,
  );
  return { kind: isSame ? 'repeated' : 'differs', id };
}

async function partyFaults(tx: LedgerDb, { sellerId, clientId }: NewPayment): Promise<BookFault[]> {
  const [seller] = await tx.select({ id: sellers.id }).from(sellers).where(eq(sellers.id, sellerId));
  const faults: BookFault[] = [];
  const unknown = (field: string, hint: string): BookFault => ({
    ...{ code: 'not_found', field, reason: 'does not exist', hint },
  });
  if (seller === undefined) faults.push(unknown('sellerId', 'see /v1/sellers'));
  if (clientId === null) return faults;
  const [client] = await tx.select({ id: clients.id }).from(clients).where(eq(clients.id, clientId));
  if (client === undefined) faults.push(unknown('clientId', 'see /v1/clients'));
  return faults;
}

export function allocate(
  db: LedgerDb,
  funds: FundsId,
  allocations: readonly Allocation[],
  who: Actor,
): Promise<BookResult<readonly Entry[]>> {
  return writtenInBook(db, (tx) => allocateIn(tx, funds, allocations, who));
}

async function allocateIn(
  tx: LedgerDb,
  id: FundsId,
  allocations: readonly Allocation[],
  who: Actor,
): Promise<Entry[]> {
  const locked = await lockedOrRefused(tx, id);
  const targets = await lockTargets(
    tx,
    allocations.map(({ invoiceId }) => invoiceId),
  );
  refuseIf(allocationFaults(locked.funds, allocations, targets));
  const added = allocationEntries(locked.funds, locked.lastOn, allocations, targets, who);
  const written = await writeEntries(tx, added);
  const subject = id.kind === 'payment' ? `payments/${id.id}` : `invoices/${id.id}`;
  await auditEntries(tx, who, { action: `${id.kind}.allocated`, subject }, written);
  return written;
}

async function lockedOrRefused(tx: LedgerDb, id: FundsId) {
  const locked = await lockFunds(tx, id);
  if (locked === null) {
    const isPayment = id.kind === 'payment';
    refuseIf([
      {
        code: 'not_found',
        ...(isPayment
          ? { field: 'paymentId', reason: 'does not exist', hint: 'see /v1/payments' }
          : { field: 'creditNoteId', reason: 'is not an issued credit note', hint: 'see /v1/invoices' }),
      },
    ]);
  }
  return locked!;
}

export function refund(db: LedgerDb, asked: NewRefund, who: Actor): Promise<BookResult<Refund>> {
  return writtenInBook(db, async (tx) => {
    const id = fundsIdOf(asked);
    const { funds, lastOn } = await lockedOrRefused(tx, id);
    const isTooMuch = asked.amountMinor > funds.leftMinor;
    refuseIf([isTooMuch ? exceedsLeft('amount', 'is', asked.amountMinor, funds) : null]);
    const paid = { ...asked, paidOn: latestDate(asked.paidOn, lastOn) };
    const [row] = await tx
      .insert(refunds)
      .values({ ...paid, at: new Date(who.atMs), actor: who.actor })
      .returning();
    const after = { ...paid, amountMinor: String(paid.amountMinor) };
    const subject = `refunds/${asked.id}`;
    await writeAudit(tx, who, { action: `${id.kind}.refunded`, subject, reason: asked.reason, after });
    return refundOf(row!);
  });
}

function fundsIdOf({ paymentId, creditNoteId }: NewRefund): FundsId {
  return paymentId === null ? { kind: 'credit_note', id: creditNoteId! } : { kind: 'payment', id: paymentId };
}

export function reverseEntry(db: LedgerDb, reversal: Reversal, who: Actor): Promise<BookResult<Entry>> {
  return writtenInBook(db, async (tx) => {
    const [row] = await tx.select().from(entries).where(eq(entries.id, reversal.entryId));
    const entry = row === undefined ? null : entryOf(row);
    refuseIf([entry === null ? reversalFault(null, null) : null]);
    const { paymentId, creditNoteId, invoiceId } = entry!;
    const drawn: FundsId | null =
      paymentId !== null
        ? { kind: 'payment', id: paymentId }
        : creditNoteId !== null
          ? { kind: 'credit_note', id: creditNoteId }
          : null;
    const locked = drawn === null ? null : await lockFunds(tx, drawn);
    const target = (await lockTargets(tx, [invoiceId])).get(invoiceId)!;
    const [undoing] = await tx.select().from(entries).where(eq(entries.reversesId, reversal.entryId));
    refuseIf([reversalFault(entry, undoing === undefined ? null : entryOf(undoing))]);
    const lastOn = latestDate(target.lastOn, locked?.lastOn ?? target.lastOn);
    const written = await writeEntries(tx, [reversalEntry(entry!, reversal, lastOn, who)]);
    const subject = `invoices/${invoiceId}`;
    await auditEntries(tx, who, { action: 'entry.reversed', subject, reason: reversal.reason }, written);
    return written[0]!;
  });
}
