/** Co-debtors of clients. Only the end of a liability can be set, once; a trigger enforces this. */

import { and, asc, eq, gt } from 'drizzle-orm';
import type { CoDebtorRecord, CoDebtorStore } from '../../../admin/sellers/co-debtor-port.ts';
import { writeAudit } from '../admin/audit.ts';
import { pageOf, rowsAsked } from '../admin/page.ts';
import type { LedgerDb } from '../connection/db.ts';
import { clients } from '../schema.ts';
import { auditedRow, partyOf } from './rows.ts';
import { coDebtors } from './tables.ts';

type Row = typeof coDebtors.$inferSelect;

export function coDebtorStore(db: LedgerDb): CoDebtorStore {
  return {
    async coDebtors(clientId, page) {
      if (!(await isClient(db, clientId))) return null;
      const after = page.after === null ? undefined : gt(coDebtors.id, page.after);
      const rows = await db
        .select()
        .from(coDebtors)
        .where(and(eq(coDebtors.clientId, clientId), after))
        .orderBy(asc(coDebtors.id))
        .limit(rowsAsked(page));
      return pageOf(rows, page, recordOf, (row) => row.id);
    },

    addCoDebtor: ({ id, clientId, party, ground, fromMs }, reason, who) =>
      db.transaction(async (tx) => {
        if (!(await isClient(tx, clientId))) return null;
        const [row] = await tx
          .insert(coDebtors)
          .values({
            ...{ ...party, id, clientId, ground, fromAt: new Date(fromMs) },
            ...{ reason, createdAt: new Date(who.atMs), createdBy: who.actor },
          })
          .returning();
        const after = auditedRow(row!);
        await writeAudit(tx, who, { action: 'co_debtor.added', subject: subjectOf(row!), reason, after });
        return recordOf(row!);
      }),

    endCoDebtor: (clientId, id, toMs, reason, who) =>
      db.transaction(async (tx) => {
        const isThis = and(eq(coDebtors.clientId, clientId), eq(coDebtors.id, id));
        const [before] = await tx.select().from(coDebtors).where(isThis).for('update');
        if (before === undefined) return null;
        if (before.toAt !== null) return 'ended';
        if (toMs < before.fromAt.getTime()) return 'too_early';
        const [after] = await tx
          .update(coDebtors)
          .set({ toAt: new Date(toMs) })
          .where(isThis)
          .returning();
        await writeAudit(tx, who, {
          ...{ action: 'co_debtor.ended', subject: subjectOf(before), reason },
          ...{ before: auditedRow(before), after: auditedRow(after!) },
        });
        return recordOf(after!);
      }),
  };
}

async function isClient(tx: LedgerDb, id: string): Promise<boolean> {
  const [row] = await tx.select({ id: clients.id }).from(clients).where(eq(clients.id, id));
  return row !== undefined;
}

function subjectOf({ clientId, id }: Row): string {
  return `clients/${clientId}/co-debtors/${id}`;
}

function recordOf(row: Row): CoDebtorRecord {
  const { id, clientId, ground, createdBy, reason } = row;
  return {
    ...{ id, clientId, ground, party: partyOf(row) },
    fromMs: row.fromAt.getTime(),
    toMs: row.toAt?.getTime() ?? null,
    ...{ createdAtMs: row.createdAt.getTime(), createdBy, reason },
  };
}
