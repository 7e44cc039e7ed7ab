/** Reads the tariff versions by which clients are billed: their own and the default's. */

import { and, asc, inArray, isNull, or, sql } from 'drizzle-orm';
import type { LedgerDb } from './connection/db.ts';
import { tariffRetirements, tariffVersions } from './schema.ts';

export type TariffVersionRow = typeof tariffVersions.$inferSelect;

/** Retired versions apply to no client. An invoice issued under one earlier still names it. */
export const notRetired = sql`not exists (
  select from ${tariffRetirements} where ${tariffRetirements.versionId} = ${tariffVersions.id})`;

/** Versions of these clients and of the default that are not retired, in id order. */
export function versionsOf(db: LedgerDb, clientIds: readonly string[]): Promise<TariffVersionRow[]> {
  return db
    .select()
    .from(tariffVersions)
    .where(
      and(notRetired, or(inArray(tariffVersions.clientId, [...clientIds]), isNull(tariffVersions.clientId))),
    )
    .orderBy(asc(tariffVersions.id));
}
