/** Reads the tariff versions by which clients are billed: their own and the default's. */

import { asc, inArray, isNull, or } from 'drizzle-orm';
import type { LedgerDb } from './db.ts';
import { tariffVersions } from './schema.ts';

export type TariffVersionRow = typeof tariffVersions.$inferSelect;

/** Versions of these clients and of the default, in the order of their ids. */
export function versionsOf(db: LedgerDb, clientIds: readonly string[]): Promise<TariffVersionRow[]> {
  return db
    .select()
    .from(tariffVersions)
    .where(or(inArray(tariffVersions.clientId, [...clientIds]), isNull(tariffVersions.clientId)))
    .orderBy(asc(tariffVersions.id));
}
