/** Disputes on the ledger. Triggers keep their rows, and set the open dispute of the receivable. */

import { asc, eq } from 'drizzle-orm';
import { validate } from 'uuid';
import type { DisputeResult, NewDispute } from '../../../admin/claims/port.ts';
import type { Actor } from '../../../admin/port.ts';
import { disputeEvent } from '../../../notify/claim-events.ts';
import { answerFault, openingFault, resolutionFault } from '../../../receivable/dispute.ts';
import type { Dispute, DisputeOutcome } from '../../../receivable/model.ts';
import { writeAudit } from '../admin/audit.ts';
import type { LedgerDb } from '../connection/db.ts';
import { writeEvents } from '../notify/write-events.ts';
import { invoices } from '../schema.ts';
import { disputes, receivables } from './tables.ts';

export async function openDispute(tx: LedgerDb, added: NewDispute, who: Actor): Promise<DisputeResult> {
  const [book] = await tx
    .select()
    .from(receivables)
    .where(eq(receivables.invoiceId, added.invoiceId))
    .for('update');
  const fault = openingFault(book ?? null, added.disputedMinor);
  if (fault !== null) return { kind: 'refused', fault };
  const dispute: Dispute = {
    ...added,
    ...{ openedAtMs: who.atMs, openedBy: who.actor },
    ...{ answeredAtMs: null, answeredBy: null, answer: null },
    ...{ resolvedAtMs: null, resolvedBy: null, outcome: null, outcomeText: null },
  };
  await tx.insert(disputes).values(disputeRow(dispute));
  const [sealed] = await tx
    .select({ contentHash: invoices.contentHash })
    .from(invoices)
    .where(eq(invoices.id, added.invoiceId));
  const { ground, text, disputedMinor } = dispute;
  const after = { ground, text, disputedMinor: String(disputedMinor), contentHash: sealed!.contentHash };
  await writeAudit(tx, who, { action: 'dispute.opened', subject: pathOf(dispute), after });
  await writeEvents(tx, [disputeEvent('invoice.disputed', dispute, book!, who.atMs)]);
  return { kind: 'written', dispute };
}

export async function answerDispute(
  tx: LedgerDb,
  id: string,
  answer: string,
  who: Actor,
): Promise<DisputeResult> {
  const dispute = await lockDispute(tx, id);
  const fault = answerFault(dispute);
  if (fault !== null) return { kind: 'refused', fault };
  const answered = { ...dispute!, answeredAtMs: who.atMs, answeredBy: who.actor, answer };
  await tx.update(disputes).set(disputeRow(answered)).where(eq(disputes.id, id));
  await writeAudit(tx, who, {
    ...{ action: 'dispute.answered', subject: pathOf(answered), after: { answer } },
  });
  return { kind: 'written', dispute: answered };
}

/** @param hasCredit the caller writes a credit for the client in the same transaction. */
export async function resolveDispute(
  tx: LedgerDb,
  id: string,
  { outcome, text }: { readonly outcome: DisputeOutcome; readonly text: string },
  hasCredit: boolean,
  who: Actor,
): Promise<DisputeResult> {
  const dispute = await lockDispute(tx, id);
  const fault = resolutionFault(dispute, outcome, hasCredit);
  if (fault !== null) return { kind: 'refused', fault };
  const resolution = { resolvedAtMs: who.atMs, resolvedBy: who.actor, outcome, outcomeText: text };
  const resolved = { ...dispute!, ...resolution };
  await tx.update(disputes).set(disputeRow(resolved)).where(eq(disputes.id, id));
  await writeAudit(tx, who, {
    ...{ action: 'dispute.resolved', subject: pathOf(resolved), reason: text, after: { outcome } },
  });
  const [book] = await tx.select().from(receivables).where(eq(receivables.invoiceId, resolved.invoiceId));
  await writeEvents(tx, [disputeEvent('invoice.dispute_resolved', resolved, book!, who.atMs)]);
  return { kind: 'written', dispute: resolved };
}

export async function disputeById(db: LedgerDb, id: string): Promise<Dispute | null> {
  if (!validate(id)) return null;
  const [row] = await db.select().from(disputes).where(eq(disputes.id, id));
  return row === undefined ? null : disputeOf(row);
}

export async function disputesOf(db: LedgerDb, invoiceId: string): Promise<Dispute[]> {
  const rows = await db
    .select()
    .from(disputes)
    .where(eq(disputes.invoiceId, invoiceId))
    .orderBy(asc(disputes.openedAt), asc(disputes.id));
  return rows.map(disputeOf);
}

/** Locks the receivable first, as every writer of the book does. */
async function lockDispute(tx: LedgerDb, id: string): Promise<Dispute | null> {
  const found = await disputeById(tx, id);
  if (found === null) return null;
  const { invoiceId } = found;
  await tx.select().from(receivables).where(eq(receivables.invoiceId, invoiceId)).for('update');
  return disputeById(tx, id);
}

function pathOf({ id, invoiceId }: Dispute): string {
  return `invoices/${invoiceId}/disputes/${id}`;
}

export function disputeOf(row: typeof disputes.$inferSelect): Dispute {
  const { openedAt, answeredAt, resolvedAt, ...rest } = row;
  return {
    ...rest,
    openedAtMs: openedAt.getTime(),
    answeredAtMs: answeredAt?.getTime() ?? null,
    resolvedAtMs: resolvedAt?.getTime() ?? null,
  };
}

function disputeRow(dispute: Dispute): typeof disputes.$inferInsert {
  const { openedAtMs, answeredAtMs, resolvedAtMs, ...rest } = dispute;
  return {
    ...rest,
    openedAt: new Date(openedAtMs),
    answeredAt: answeredAtMs === null ? null : new Date(answeredAtMs),
    resolvedAt: resolvedAtMs === null ? null : new Date(resolvedAtMs),
  };
}
