/** Versions of tariffs. None is ever edited or removed: a change is a new version from a moment on. */

import { and, desc, eq, isNull, lt, sql } from 'drizzle-orm';
import type { AddTariffResult, NewTariffVersion, TariffRecord, TariffStore } from '../../admin/port.ts';
import { tariffToJson } from '../../tariff/terms.ts';
import { writeAudit } from './admin-store-audit.ts';
import { pageOf, rowsAsked } from './admin-store-page.ts';
import { markTariffChanged } from './billing-marks.ts';
import { tariffVersionOf } from './billing-rows.ts';
import type { LedgerDb } from './db.ts';
import { clients, tariffVersions } from './schema.ts';
import { type TariffVersionRow, versionsOf } from './tariff-rows.ts';

export function tariffStore(db: LedgerDb): TariffStore {
  return {
    addTariffVersion: (version, who) =>
      db.transaction(async (tx) => {
        // Numbers count up without gaps, and no two versions may begin at one moment: writers take turns.
        await tx.execute(sql`select pg_advisory_xact_lock(hashtext('postmeter:tariffs'))`);
        const newest = await newestVersion(tx, version.clientId);
        const refusal = await refusalOf(tx, version);
        if (refusal !== null) return refusal;
        const { validFromMs, tariff, ...rest } = version;
        const [row] = await tx
          .insert(tariffVersions)
          .values({
            ...rest,
            version: (newest?.version ?? 0) + 1,
            validFrom: new Date(validFromMs),
            terms: tariff === null ? null : tariffToJson(tariff),
            createdAt: new Date(who.atMs),
            createdBy: who.actor,
          })
          .returning();
        await markTariffChanged(tx, version.clientId, validFromMs);
        await writeAudit(tx, who, {
          action: 'tariff.changed',
          subject: version.clientId === null ? 'tariffs' : `clients/${version.clientId}/tariffs`,
          reason: version.reason,
          before: newest === undefined ? null : auditOf(newest),
          after: auditOf(row!),
        });
        return { kind: 'added', version: recordOf(row!) };
      }),

    async tariffVersions(clientId, page) {
      const rows = await db
        .select()
        .from(tariffVersions)
        .where(
          and(
            ofClient(clientId),
            page.after === null ? undefined : lt(tariffVersions.version, Number(page.after)),
          ),
        )
        .orderBy(desc(tariffVersions.version))
        .limit(rowsAsked(page));
      return pageOf(rows, page, recordOf, (row) => String(row.version));
    },

    async tariffsFor(clientIds) {
      return (await versionsOf(db, clientIds)).map(tariffVersionOf);
    },

    async allTariffVersions() {
      return (await db.select().from(tariffVersions)).map(tariffVersionOf);
    },
  };
}

function ofClient(clientId: string | null) {
  return clientId === null ? isNull(tariffVersions.clientId) : eq(tariffVersions.clientId, clientId);
}

async function newestVersion(tx: LedgerDb, clientId: string | null): Promise<TariffVersionRow | undefined> {
  const [row] = await tx
    .select()
    .from(tariffVersions)
    .where(ofClient(clientId))
    .orderBy(desc(tariffVersions.version))
    .limit(1);
  return row;
}

async function refusalOf(tx: LedgerDb, version: NewTariffVersion): Promise<AddTariffResult | null> {
  if (version.clientId !== null) {
    const [client] = await tx.select().from(clients).where(eq(clients.id, version.clientId));
    if (client === undefined) return { kind: 'unknown_client' };
  }
  const [same] = await tx
    .select()
    .from(tariffVersions)
    .where(and(ofClient(version.clientId), eq(tariffVersions.validFrom, new Date(version.validFromMs))));
  return same === undefined ? null : { kind: 'same_moment', version: same.version };
}

function auditOf(row: TariffVersionRow) {
  return { version: row.version, validFrom: row.validFrom.toISOString(), terms: row.terms };
}

function recordOf(row: TariffVersionRow): TariffRecord {
  const { createdBy, reason } = row;
  return { ...tariffVersionOf(row), createdAtMs: row.createdAt.getTime(), createdBy, reason };
}
