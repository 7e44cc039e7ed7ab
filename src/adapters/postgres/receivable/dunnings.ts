/** Dunning on the ledger: the levels of a seller, one reminder by a person, and those that the job writes. */

import { and, asc, eq, gt, isNull, lt, max } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { DunningRecord, RemindResult } from '../../../admin/claims/port.ts';
import type { Actor } from '../../../admin/port.ts';
import { reminderEvent } from '../../../notify/claim-events.ts';
import { utcDateOf } from '../../../receivable/date.ts';
import {
  DUNNING_LEVELS,
  type DunningLevel,
  type DunningObstacle,
  isRemindedByItself,
  nextDunning,
  type PlannedDunning,
} from '../../../receivable/dunning.ts';
import { writeAudit } from '../admin/audit.ts';
import { holdOf } from '../billing-holds.ts';
import type { LedgerDb } from '../connection/db.ts';
import { writeEvents } from '../notify/write-events.ts';
import { proposals } from '../proposal/tables.ts';
import { dunningLevels } from '../seller/tables.ts';
import { dunnings, receivables } from './tables.ts';

type ReceivableRow = typeof receivables.$inferSelect;

/** Writes the next level at once, whether it is automatic or due, unless something holds it back. */
export async function remind(tx: LedgerDb, invoiceId: string, who: Actor): Promise<RemindResult> {
  const found = await lockedCase(tx, invoiceId, who.atMs);
  if (found === null) return { kind: 'refused', obstacle: 'no_book' };
  const { receivable, next } = found;
  if (typeof next === 'string') return { kind: 'refused', obstacle: next };
  return { kind: 'reminded', dunning: await writeDunning(tx, receivable, next.level, who) };
}

/** The author of the dunnings that the job writes. */
const JOB = 'billing';
const CASES_A_PAGE = 500;

/**
 * Writes each automatic level that is due, one transaction for each invoice. Two processes at once write a level once,
 * because they lock its receivable.
 * @returns the number of reminders.
 */
export async function remindOverdue(db: LedgerDb, nowMs: number): Promise<number> {
  const today = utcDateOf(nowMs);
  let written = 0;
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const page = await overdueAfter(db, after, today);
    for (const invoiceId of page) {
      written += await db.transaction((tx) => remindIfDue(tx, invoiceId, nowMs));
    }
    if (page.length < CASES_A_PAGE) return written;
    after = page.at(-1)!;
  }
}

async function overdueAfter(db: LedgerDb, after: string, today: string): Promise<string[]> {
  const { invoiceId, balanceMinor, dueOn, disputeId } = receivables;
  const rows = await db
    .select({ invoiceId })
    .from(receivables)
    .where(and(gt(balanceMinor, 0n), lt(dueOn, today), isNull(disputeId), gt(invoiceId, after)))
    .orderBy(asc(invoiceId))
    .limit(CASES_A_PAGE);
  return rows.map((row) => row.invoiceId);
}

async function remindIfDue(tx: LedgerDb, invoiceId: string, nowMs: number): Promise<number> {
  const found = await lockedCase(tx, invoiceId, nowMs);
  if (found === null || typeof found.next === 'string') return 0;
  if (!isRemindedByItself(found.next, utcDateOf(nowMs))) return 0;
  await writeDunning(tx, found.receivable, found.next.level, { actor: JOB, atMs: nowMs });
  return 1;
}

interface LockedCase {
  readonly receivable: ReceivableRow;
  readonly next: PlannedDunning | DunningObstacle;
}

async function lockedCase(tx: LedgerDb, invoiceId: string, nowMs: number): Promise<LockedCase | null> {
  const [receivable] = await tx
    .select()
    .from(receivables)
    .where(eq(receivables.invoiceId, invoiceId))
    .for('update');
  if (receivable === undefined) return null;
  const [[last], [proposal], hold, levels] = await Promise.all([
    tx
      .select({ at: max(dunnings.at) })
      .from(dunnings)
      .where(eq(dunnings.invoiceId, invoiceId)),
    tx
      .select({ id: proposals.id })
      .from(proposals)
      .where(and(eq(proposals.subject, `invoices/${invoiceId}`), isNull(proposals.decidedAt)))
      .limit(1),
    holdOf(tx, receivable.clientId),
    levelsOf(tx, receivable.sellerId),
  ]);
  const lastOn = last?.at == null ? null : utcDateOf(last.at.getTime());
  const one = { receivable, lastOn, isHeld: hold !== null, hasProposal: proposal !== undefined };
  return { receivable, next: nextDunning(one, levels, utcDateOf(nowMs)) };
}

/** The levels of the seller; those of the product if it has none. */
async function levelsOf(db: LedgerDb, sellerId: string): Promise<readonly DunningLevel[]> {
  const { level, daysAfterDue, isAutomatic } = dunningLevels;
  const own = await db
    .select({ level, daysAfterDue, isAutomatic })
    .from(dunningLevels)
    .where(eq(dunningLevels.sellerId, sellerId))
    .orderBy(asc(level));
  return own.length === 0 ? DUNNING_LEVELS : own;
}

async function writeDunning(
  tx: LedgerDb,
  receivable: ReceivableRow,
  level: number,
  who: Actor,
): Promise<DunningRecord> {
  const { invoiceId } = receivable;
  const row = { id: uuidv7(), invoiceId, level, at: new Date(who.atMs), actor: who.actor };
  await tx.insert(dunnings).values(row);
  const after = { id: row.id, level };
  await writeAudit(tx, who, { action: 'invoice.reminded', subject: `invoices/${invoiceId}`, after });
  await writeEvents(tx, [reminderEvent(receivable, { id: row.id, level, actor: who.actor }, who.atMs)]);
  return dunningOf(row);
}

export async function dunningsOf(db: LedgerDb, invoiceId: string): Promise<DunningRecord[]> {
  const rows = await db
    .select()
    .from(dunnings)
    .where(eq(dunnings.invoiceId, invoiceId))
    .orderBy(asc(dunnings.level));
  return rows.map(dunningOf);
}

function dunningOf({ at, ...rest }: typeof dunnings.$inferSelect): DunningRecord {
  return { ...rest, atMs: at.getTime() };
}
