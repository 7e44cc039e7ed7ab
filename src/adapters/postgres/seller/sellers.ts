/** Sellers as administrators see and change them. */

import { asc, count, eq, gt } from 'drizzle-orm';
import type { SellerRecord, SellerStore } from '../../../admin/sellers/port.ts';
import { writeAudit } from '../admin/audit.ts';
import { pageOf, rowsAsked } from '../admin/page.ts';
import type { LedgerDb } from '../connection/db.ts';
import { clients } from '../schema.ts';
import { auditedRow, type SellerRow, sellerRecordOf } from './rows.ts';
import { logos, sellers } from './tables.ts';
import { insertTaxRule } from './tax-rules.ts';

export function sellerStore(db: LedgerDb): SellerStore {
  return {
    createSeller: ({ id, settings, taxRules: rules }, who) =>
      db.transaction(async (tx) => {
        const at = new Date(who.atMs);
        const [row] = await tx
          .insert(sellers)
          .values({ ...settings, id, createdAt: at, updatedAt: at })
          .onConflictDoNothing()
          .returning();
        if (row === undefined) return 'taken';
        const subject = `sellers/${id}`;
        await writeAudit(tx, who, { action: 'seller.created', subject, after: auditedRow(row) });
        for (const rule of rules) await insertTaxRule(tx, { ...rule, sellerId: id }, who);
        return sellerRecordOf(row, null);
      }),

    async sellers(page) {
      const rows = await withLogos(db)
        .where(page.after === null ? undefined : gt(sellers.id, page.after))
        .orderBy(asc(sellers.id))
        .limit(rowsAsked(page));
      return pageOf(rows, page, recordOf, ({ seller }) => seller.id);
    },

    seller: (id) => sellerIn(db, id),

    changeSeller: (id, change, who) =>
      db.transaction(async (tx) => {
        const before = await lockedSeller(tx, id);
        if (before === null) return null;
        const now = await sellerIn(tx, id);
        const next = change(now!);
        const [after] = await tx
          .update(sellers)
          .set({ ...next, updatedAt: new Date(who.atMs) })
          .where(eq(sellers.id, id))
          .returning();
        await writeAudit(tx, who, {
          ...{ action: 'seller.changed', subject: `sellers/${id}` },
          ...{ before: auditedRow(before), after: auditedRow(after!) },
        });
        return sellerIn(tx, id);
      }),

    archiveSeller: (id, reason, who) =>
      db.transaction(async (tx) => {
        const before = await lockedSeller(tx, id);
        if (before === null) return { kind: 'unknown_seller' };
        if (before.archivedAt === null) {
          const [named] = await tx.select({ clients: count() }).from(clients).where(eq(clients.sellerId, id));
          if (named!.clients > 0) return { kind: 'in_use', clients: named!.clients };
          const at = new Date(who.atMs);
          const [after] = await tx
            .update(sellers)
            .set({ archivedAt: at, updatedAt: at })
            .where(eq(sellers.id, id))
            .returning();
          await writeAudit(tx, who, {
            ...{ action: 'seller.archived', subject: `sellers/${id}`, reason },
            ...{ before: auditedRow(before), after: auditedRow(after!) },
          });
        }
        return { kind: 'archived', seller: (await sellerIn(tx, id))! };
      }),
  };
}

/** Locks the row until the transaction ends. Returns null if the seller does not exist. */
export async function lockedSeller(tx: LedgerDb, id: string): Promise<SellerRow | null> {
  const [row] = await tx.select().from(sellers).where(eq(sellers.id, id)).for('update');
  return row ?? null;
}

function withLogos(db: LedgerDb) {
  return db
    .select({ seller: sellers, logoType: logos.type })
    .from(sellers)
    .leftJoin(logos, eq(logos.sha256, sellers.logo))
    .$dynamic();
}

export async function sellerIn(tx: LedgerDb, id: string): Promise<SellerRecord | null> {
  const [row] = await withLogos(tx).where(eq(sellers.id, id));
  return row === undefined ? null : recordOf(row);
}

function recordOf({ seller, logoType }: { seller: SellerRow; logoType: 'image/png' | null }) {
  return sellerRecordOf(seller, logoType);
}
