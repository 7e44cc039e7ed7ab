/** Tariff versions. They are never edited or removed: a change adds a version, a retirement adds a row beside it. */

import { and, desc, eq, isNull, lt, sql } from 'drizzle-orm';
import type { Actor, TariffRecord, TariffStore } from '../../../admin/port.ts';
import { tariffEvent } from '../../../notify/tariff-event.ts';
import { supersedeRefusal, withdrawRefusal } from '../../../tariff/retirement.ts';
import { tariffToJson } from '../../../tariff/terms.ts';
import { markTariffChanged } from '../billing/marks.ts';
import { tariffVersionOf } from '../billing/rows.ts';
import type { LedgerDb } from '../connection/db.ts';
import { writeEvents } from '../notify/write-events.ts';
import { clients, invoiceLines, invoices, tariffRetirements, tariffVersions } from '../schema.ts';
import { notRetired, type TariffVersionRow, versionsOf } from '../tariff-rows.ts';
import { writeAudit } from './audit.ts';
import { pageOf, rowsAsked } from './page.ts';

export function tariffStore(db: LedgerDb): TariffStore {
  return {
    addTariffVersion: ({ supersedes, ...version }, who) =>
      db.transaction(async (tx) => {
        await lockTariffs(tx);
        if (version.clientId !== null) {
          const [client] = await tx.select().from(clients).where(eq(clients.id, version.clientId));
          if (client === undefined) return { kind: 'unknown_client' };
        }
        const [same] = await tx
          .select()
          .from(tariffVersions)
          .where(
            and(
              ofClient(version.clientId),
              notRetired,
              eq(tariffVersions.validFrom, new Date(version.validFromMs)),
            ),
          );
        if (same !== undefined && same.id !== supersedes) {
          return { kind: 'same_moment', version: recordOf({ version: same, retirement: null }) };
        }
        if (supersedes !== null) {
          const old = await versionIn(tx, version.clientId, supersedes);
          if (old === null) return { kind: 'unknown_version' };
          const refusal = supersedeRefusal(retirableOf(old), await issuedNumber(tx, supersedes));
          if (refusal !== null) return refusal;
        }
        const added = await insertVersion(tx, version, who);
        if (supersedes !== null) await retire(tx, supersedes, added, version.reason, who);
        await markTariffChanged(tx, version.clientId, version.validFromMs);
        return { kind: 'added', version: recordOf({ version: added, retirement: null }) };
      }),

    withdrawTariffVersion: (clientId, id, reason, who) =>
      db.transaction(async (tx) => {
        await lockTariffs(tx);
        const found = await versionIn(tx, clientId, id);
        if (found === null) return { kind: 'unknown_version' };
        const refusal = withdrawRefusal(retirableOf(found), who.atMs);
        if (refusal !== null) return refusal;
        await retire(tx, id, null, reason, who);
        await markTariffChanged(tx, clientId, found.validFromMs);
        return { kind: 'withdrawn', version: (await versionIn(tx, clientId, id))! };
      }),

    tariffVersion: (clientId, id) => versionIn(db, clientId, id),

    async tariffVersions(clientId, page) {
      const after = page.after === null ? undefined : lt(tariffVersions.version, Number(page.after));
      const rows = await withRetirements(db)
        .where(and(ofClient(clientId), after))
        .orderBy(desc(tariffVersions.version))
        .limit(rowsAsked(page));
      return pageOf(rows, page, recordOf, (row) => String(row.version.version));
    },

    async tariffsFor(clientIds) {
      return (await versionsOf(db, clientIds)).map(tariffVersionOf);
    },

    async allTariffVersions() {
      return (await db.select().from(tariffVersions).where(notRetired)).map(tariffVersionOf);
    },
  };
}

/** Version numbers have no gaps, and no two versions start at the same time. Writers therefore take turns. */
async function lockTariffs(tx: LedgerDb): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('postmeter:tariffs'))`);
}

function ofClient(clientId: string | null) {
  return clientId === null ? isNull(tariffVersions.clientId) : eq(tariffVersions.clientId, clientId);
}

function withRetirements(db: LedgerDb) {
  return db
    .select({ version: tariffVersions, retirement: tariffRetirements })
    .from(tariffVersions)
    .leftJoin(tariffRetirements, eq(tariffRetirements.versionId, tariffVersions.id))
    .$dynamic();
}

async function versionIn(tx: LedgerDb, clientId: string | null, id: string): Promise<TariffRecord | null> {
  const [row] = await withRetirements(tx).where(and(ofClient(clientId), eq(tariffVersions.id, id)));
  return row === undefined ? null : recordOf(row);
}

function retirableOf({ retirement, validFromMs }: TariffRecord) {
  return { isRetired: retirement !== null, validFromMs };
}

/** The number of an issued invoice with a line of the version; null if there is none. */
async function issuedNumber(tx: LedgerDb, versionId: string): Promise<number | null> {
  const [row] = await tx
    .select({ number: invoices.number })
    .from(invoiceLines)
    .innerJoin(invoices, eq(invoices.id, invoiceLines.invoiceId))
    .where(and(eq(invoiceLines.tariffVersionId, versionId), eq(invoices.status, 'issued')))
    .limit(1);
  return row?.number ?? null;
}

type AddedVersion = Omit<Parameters<TariffStore['addTariffVersion']>[0], 'supersedes'>;

async function insertVersion(tx: LedgerDb, version: AddedVersion, who: Actor): Promise<TariffVersionRow> {
  const [newest] = await tx
    .select()
    .from(tariffVersions)
    .where(ofClient(version.clientId))
    .orderBy(desc(tariffVersions.version))
    .limit(1);
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
  await writeAudit(tx, who, {
    action: 'tariff.changed',
    subject: subjectOf(version.clientId),
    reason: version.reason,
    before: newest === undefined ? null : auditOf(newest),
    after: auditOf(row!),
  });
  await writeEvents(tx, [tariffEvent(tariffVersionOf(row!), version.reason, who)]);
  return row!;
}

/** `by` is the version that supersedes it; null if it is withdrawn. */
async function retire(
  tx: LedgerDb,
  versionId: string,
  by: TariffVersionRow | null,
  reason: string,
  who: Actor,
): Promise<void> {
  const supersededBy = by?.id ?? null;
  const at = new Date(who.atMs);
  const [old] = await tx.select().from(tariffVersions).where(eq(tariffVersions.id, versionId));
  await tx.insert(tariffRetirements).values({ versionId, supersededBy, at, actor: who.actor, reason });
  await writeAudit(tx, who, {
    action: by === null ? 'tariff.withdrawn' : 'tariff.superseded',
    subject: subjectOf(old!.clientId),
    reason,
    before: auditOf(old!),
    after: { id: versionId, supersededBy },
  });
  if (by === null) await writeEvents(tx, [tariffEvent(tariffVersionOf(old!), reason, who, true)]);
}

function subjectOf(clientId: string | null): string {
  return clientId === null ? 'tariffs' : `clients/${clientId}/tariffs`;
}

function auditOf(row: TariffVersionRow) {
  return { version: row.version, validFrom: row.validFrom.toISOString(), terms: row.terms };
}

interface VersionRow {
  readonly version: TariffVersionRow;
  readonly retirement: typeof tariffRetirements.$inferSelect | null;
}

function recordOf({ version: row, retirement }: VersionRow): TariffRecord {
  const { createdBy, reason } = row;
  return {
    ...tariffVersionOf(row),
    ...{ createdAtMs: row.createdAt.getTime(), createdBy, reason },
    retirement:
      retirement === null
        ? null
        : {
            atMs: retirement.at.getTime(),
            actor: retirement.actor,
            reason: retirement.reason,
            supersededBy: retirement.supersededBy,
          },
  };
}
