/** Levels of dunning of sellers. A change replaces all levels of the seller. */

import { asc, eq } from 'drizzle-orm';
import type { DunningLevelStore } from '../../../admin/sellers/dunning-port.ts';
import type { DunningSetting } from '../../../seller/dunning.ts';
import { writeAudit } from '../admin/audit.ts';
import type { LedgerDb } from '../connection/db.ts';
import { lockedSeller, sellerIn } from './sellers.ts';
import { dunningLevels } from './tables.ts';

export function dunningLevelStore(db: LedgerDb): DunningLevelStore {
  return {
    async dunningLevels(sellerId) {
      return (await sellerIn(db, sellerId)) === null ? null : levelsOf(db, sellerId);
    },

    setDunningLevels: (sellerId, levels, who) =>
      db.transaction(async (tx) => {
        if ((await lockedSeller(tx, sellerId)) === null) return null;
        const before = await levelsOf(tx, sellerId);
        await tx.delete(dunningLevels).where(eq(dunningLevels.sellerId, sellerId));
        const updatedAt = new Date(who.atMs);
        const rows = levels.map((level, at) => ({ ...level, sellerId, level: at + 1, updatedAt }));
        if (rows.length > 0) await tx.insert(dunningLevels).values(rows);
        await writeAudit(tx, who, {
          ...{ action: 'dunning_levels.set', subject: `sellers/${sellerId}/dunning-levels` },
          ...{ before, after: levels },
        });
        return levels;
      }),
  };
}

async function levelsOf(tx: LedgerDb, sellerId: string): Promise<DunningSetting[]> {
  const { daysAfterDue, title, text, isAutomatic } = dunningLevels;
  return tx
    .select({ daysAfterDue, title, text, isAutomatic })
    .from(dunningLevels)
    .where(eq(dunningLevels.sellerId, sellerId))
    .orderBy(asc(dunningLevels.level));
}
