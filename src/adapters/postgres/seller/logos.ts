/** Logos of sellers. The files are final and kept by their hash, because documents name them. */

import { eq } from 'drizzle-orm';
import type { Actor } from '../../../admin/port.ts';
import type { LogoStore, SellerLogo } from '../../../admin/sellers/port.ts';
import { sha256 } from '../../crypto/sha256.ts';
import { writeAudit } from '../admin/audit.ts';
import type { LedgerDb } from '../connection/db.ts';
import { auditedRow } from './rows.ts';
import { lockedSeller, sellerIn } from './sellers.ts';
import { logos, sellers } from './tables.ts';

export function logoStore(db: LedgerDb): LogoStore {
  return {
    async logo(sellerId) {
      const [row] = await db
        .select({ type: logos.type, bytes: logos.bytes })
        .from(sellers)
        .innerJoin(logos, eq(logos.sha256, sellers.logo))
        .where(eq(sellers.id, sellerId));
      return row ?? null;
    },

    setLogo: (sellerId, logo, who) => db.transaction((tx) => setLogo(tx, sellerId, logo, who)),
  };
}

async function setLogo(tx: LedgerDb, id: string, logo: SellerLogo | null, who: Actor) {
  const before = await lockedSeller(tx, id);
  if (before === null) return null;
  if (before.archivedAt !== null) return 'archived';
  const digest = logo === null ? null : Buffer.from(sha256(logo.bytes)).toString('hex');
  if (logo !== null && digest !== null) {
    const row = { sha256: digest, type: logo.type, bytes: Buffer.from(logo.bytes) };
    await tx.insert(logos).values(row).onConflictDoNothing();
  }
  const [after] = await tx
    .update(sellers)
    .set({ logo: digest, updatedAt: new Date(who.atMs) })
    .where(eq(sellers.id, id))
    .returning();
  await writeAudit(tx, who, {
    ...{ action: logo === null ? 'seller.logo_removed' : 'seller.logo_set', subject: `sellers/${id}` },
    ...{ before: auditedRow(before), after: auditedRow(after!) },
  });
  return sellerIn(tx, id);
}
