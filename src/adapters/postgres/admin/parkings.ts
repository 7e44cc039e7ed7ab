/** Billing holds as operators see and release them, and the reported gaps. */

import { and, desc, eq, isNotNull, isNull, or, sql } from 'drizzle-orm';
import type { GapRecord, GapView, ParkingRecord, ParkingStore } from '../../../admin/port.ts';
import type { LedgerDb } from '../connection/db.ts';
import { parkClients } from '../parkings.ts';
import { clients, gaps, parkings } from '../schema.ts';
import { writeAudit } from './audit.ts';
import { pageOf, rowsAsked } from './page.ts';

export function parkingStore(db: LedgerDb): ParkingStore {
  return {
    async parkings({ clientId, released = false }, page) {
      const rows = await db
        .select()
        .from(parkings)
        .where(
          and(
            released ? isNotNull(parkings.releasedAt) : isNull(parkings.releasedAt),
            clientId === undefined
              ? undefined
              : or(eq(parkings.clientId, clientId), isNull(parkings.clientId)),
            page.after === null
              ? undefined
              : sql`(${parkings.parkedAt}, ${parkings.id}) < (
              select parked_at, id from parkings where id = ${page.after})`,
          ),
        )
        .orderBy(desc(parkings.parkedAt), desc(parkings.id))
        .limit(rowsAsked(page));
      return pageOf(rows, page, recordOf, (row) => row.id);
    },

    parkClient: (clientId, reason, who) =>
      db.transaction(async (tx) => {
        const [client] = await tx.select({ id: clients.id }).from(clients).where(eq(clients.id, clientId));
        if (client === undefined) return 'unknown_client';
        const its = and(
          eq(parkings.clientId, clientId),
          eq(parkings.code, 'operator'),
          isNull(parkings.releasedAt),
        );
        const before = await tx.select({ id: parkings.id }).from(parkings).where(its);
        if (before.length > 0) return null;
        await parkClients(tx, [{ clientId, code: 'operator', reason }], who.actor);
        const [row] = await tx.select().from(parkings).where(its);
        return recordOf(row!);
      }),

    releaseParking: (id, reason, who) =>
      db.transaction(async (tx) => {
        const [row] = await tx.select().from(parkings).where(eq(parkings.id, id)).for('update');
        if (row === undefined) return null;
        if (row.releasedAt !== null) return 'released';
        const [released] = await tx
          .update(parkings)
          .set({ releasedAt: new Date(who.atMs), releasedBy: who.actor, releaseReason: reason })
          .where(eq(parkings.id, id))
          .returning();
        await writeAudit(tx, who, {
          action: 'client.released',
          subject: row.clientId === null ? 'clients' : `clients/${row.clientId}`,
          reason,
          before: { code: row.code, reason: row.reason },
        });
        return recordOf(released!);
      }),
  };
}

export function gapView(db: LedgerDb): GapView {
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

function recordOf(row: typeof parkings.$inferSelect): ParkingRecord {
  const { parkedAt, releasedAt, ...rest } = row;
  return { ...rest, parkedAtMs: parkedAt.getTime(), releasedAtMs: releasedAt?.getTime() ?? null };
}

function gapOf({ fromAt, toAt, ...rest }: typeof gaps.$inferSelect): GapRecord {
  return { ...rest, fromMs: fromAt.getTime(), toMs: toAt.getTime() };
}
