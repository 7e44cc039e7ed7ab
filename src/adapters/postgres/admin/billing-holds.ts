/** Billing holds as operators see and release them, and the reported gaps. */

import { and, desc, eq, isNotNull, isNull, or, sql } from 'drizzle-orm';
import type { BillingHoldRecord, BillingHoldStore, GapQueries, GapRecord } from '../../../admin/port.ts';
import { holdEvent } from '../../../notify/hold-event.ts';
import { holdClients } from '../billing-holds.ts';
import type { LedgerDb } from '../connection/db.ts';
import { writeEvents } from '../notify/write-events.ts';
import { billingHolds, clients, gaps } from '../schema.ts';
import { writeAudit } from './audit.ts';
import { pageOf, rowsAsked } from './page.ts';

export function billingHoldStore(db: LedgerDb): BillingHoldStore {
  return {
    async billingHolds({ clientId, released = false }, page) {
      const rows = await db
        .select()
        .from(billingHolds)
        .where(
          and(
            released ? isNotNull(billingHolds.releasedAt) : isNull(billingHolds.releasedAt),
            clientId === undefined
              ? undefined
              : or(eq(billingHolds.clientId, clientId), isNull(billingHolds.clientId)),
            page.after === null
              ? undefined
              : sql`(${billingHolds.heldAt}, ${billingHolds.id}) < (
              select held_at, id from billing_holds where id = ${page.after})`,
          ),
        )
        .orderBy(desc(billingHolds.heldAt), desc(billingHolds.id))
        .limit(rowsAsked(page));
      return pageOf(rows, page, recordOf, (row) => row.id);
    },

    holdClient: (clientId, reason, who) =>
      db.transaction(async (tx) => {
        const [client] = await tx.select({ id: clients.id }).from(clients).where(eq(clients.id, clientId));
        if (client === undefined) return 'unknown_client';
        const its = and(
          eq(billingHolds.clientId, clientId),
          eq(billingHolds.code, 'operator'),
          isNull(billingHolds.releasedAt),
        );
        const before = await tx.select({ id: billingHolds.id }).from(billingHolds).where(its);
        if (before.length > 0) return null;
        await holdClients(tx, [{ clientId, code: 'operator', reason }], who.actor);
        const [row] = await tx.select().from(billingHolds).where(its);
        return recordOf(row!);
      }),

    releaseBillingHold: (id, reason, who) =>
      db.transaction(async (tx) => {
        const [row] = await tx.select().from(billingHolds).where(eq(billingHolds.id, id)).for('update');
        if (row === undefined) return null;
        if (row.releasedAt !== null) return 'released';
        const [released] = await tx
          .update(billingHolds)
          .set({ releasedAt: new Date(who.atMs), releasedBy: who.actor, releaseReason: reason })
          .where(eq(billingHolds.id, id))
          .returning();
        await writeAudit(tx, who, {
          action: 'client.released',
          subject: row.clientId === null ? 'clients' : `clients/${row.clientId}`,
          reason,
          before: { code: row.code, reason: row.reason },
        });
        const { clientId, code } = row;
        await writeEvents(tx, [holdEvent('hold.released', { clientId, code, reason, ...who })]);
        return recordOf(released!);
      }),
  };
}

export function gapQueries(db: LedgerDb): GapQueries {
  return {
    async gaps(page) {
      const [journalId, sequence] = page.after?.split('/') ?? [];
      const rows = await db
        .select()
        .from(gaps)
        .where(
          page.after === null
            ? undefined
            : sql`(${gaps.journalId}, ${gaps.sequence}) < (${journalId}, ${Number(sequence)})`,
        )
        .orderBy(desc(gaps.journalId), desc(gaps.sequence))
        .limit(rowsAsked(page));
      return pageOf(rows, page, gapOf, (row) => `${row.journalId}/${row.sequence}`);
    },
  };
}

function recordOf(row: typeof billingHolds.$inferSelect): BillingHoldRecord {
  const { heldAt, releasedAt, ...rest } = row;
  return { ...rest, heldAtMs: heldAt.getTime(), releasedAtMs: releasedAt?.getTime() ?? null };
}

export function gapOf({ fromAt, toAt, ...rest }: typeof gaps.$inferSelect): GapRecord {
  return { ...rest, fromMs: fromAt.getTime(), toMs: toAt.getTime() };
}
