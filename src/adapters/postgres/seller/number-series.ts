/** Number series of sellers. A series that has given a number can only be archived; a trigger enforces this. */

import { asc, eq, sql } from 'drizzle-orm';
import type {
  NewNumberSeries,
  NumberSeriesRecord,
  NumberSeriesRefusal,
  NumberSeriesResult,
  NumberSeriesStore,
} from '../../../admin/sellers/settings-port.ts';
import type { NumberSeries } from '../../../seller/model.ts';
import { doPrefixesCollide } from '../../../seller/prefixes.ts';
import { writeAudit } from '../admin/audit.ts';
import type { LedgerDb } from '../connection/db.ts';
import { auditedRow } from './rows.ts';
import { lockedSeller, sellerIn } from './sellers.ts';
import { numberSeries } from './tables.ts';

/** A yearly series has one counter for each year, after a slash. */
const IS_USED = sql<boolean>`exists (
  select from invoice_numbers n where n.last > 0 and split_part(n.series, '/', 1) = number_series.series)`.as(
  'is_used',
);

export function numberSeriesStore(db: LedgerDb): NumberSeriesStore {
  return {
    async numberSeries(sellerId) {
      return (await sellerIn(db, sellerId)) === null ? null : seriesOf(db, sellerId);
    },

    addNumberSeries: (series, who) =>
      db.transaction(async (tx) => {
        const all = await lockedSeries(tx, series.sellerId);
        if (!Array.isArray(all)) return all;
        const refused = refusalOf(series, all);
        if (refused !== null) return refused;
        const [row] = await tx
          .insert(numberSeries)
          .values({ ...rowOf(series), createdAt: new Date(who.atMs) })
          .onConflictDoNothing()
          .returning();
        if (row === undefined) return { kind: 'taken' };
        await writeAudit(tx, who, {
          ...{ action: 'number_series.added', subject: seriesSubject(series) },
          after: auditedRow(row),
        });
        return stored(tx, series);
      }),

    changeNumberSeries: (series, who) =>
      db.transaction(async (tx) => {
        const all = await lockedSeries(tx, series.sellerId);
        if (!Array.isArray(all)) return all;
        const present = all.find((one) => one.series === series.series);
        if (present === undefined) return { kind: 'unknown_series' };
        if (present.archivedAtMs !== null) return { kind: 'archived' };
        if (present.isUsed) return { kind: 'used' };
        const refused = refusalOf(
          series,
          all.filter((one) => one !== present),
        );
        if (refused !== null) return refused;
        await write(tx, series, rowOf(series), 'number_series.changed', who);
        return stored(tx, series);
      }),

    archiveNumberSeries: (sellerId, series, reason, who) =>
      db.transaction(async (tx) => {
        const all = await lockedSeries(tx, sellerId);
        if (!Array.isArray(all)) return all;
        const present = all.find((one) => one.series === series);
        if (present === undefined) return { kind: 'unknown_series' };
        if (present.archivedAtMs === null) {
          const change = { archivedAt: new Date(who.atMs) };
          await write(tx, present, change, 'number_series.archived', who, reason);
        }
        return stored(tx, present);
      }),
  };
}

/** The seller's series. The seller and its series are locked until the transaction ends. */
async function lockedSeries(
  tx: LedgerDb,
  sellerId: string,
): Promise<NumberSeriesRecord[] | { kind: 'unknown_seller' }> {
  if ((await lockedSeller(tx, sellerId)) === null) return { kind: 'unknown_seller' };
  // An issue that draws a number holds its series until it commits.
  await tx.select().from(numberSeries).where(eq(numberSeries.sellerId, sellerId)).for('update');
  return seriesOf(tx, sellerId);
}

function refusalOf(
  series: NewNumberSeries,
  others: readonly NumberSeriesRecord[],
): NumberSeriesRefusal | null {
  for (const other of others) {
    const kind = series.kinds.find((one) => other.kinds.includes(one));
    if (other.archivedAtMs === null && kind !== undefined)
      return { kind: 'kind_taken', by: other.series, of: kind };
  }
  // An archived series that gave numbers has printed them.
  const printed = others.find(
    (other) =>
      (other.archivedAtMs === null || other.isUsed) && doPrefixesCollide(series.prefix, other.prefix),
  );
  return printed === undefined ? null : { kind: 'prefix_taken', by: printed.series };
}

async function write(
  tx: LedgerDb,
  { sellerId, series }: Pick<NumberSeries, 'sellerId' | 'series'>,
  change: Partial<typeof numberSeries.$inferInsert>,
  action: string,
  who: { readonly actor: string; readonly atMs: number },
  reason?: string,
): Promise<void> {
  const isThis = eq(numberSeries.series, series);
  const [before] = await tx.select().from(numberSeries).where(isThis);
  const [after] = await tx.update(numberSeries).set(change).where(isThis).returning();
  await writeAudit(tx, who, {
    ...{ action, subject: seriesSubject({ sellerId, series }) },
    ...(reason === undefined ? {} : { reason }),
    ...{ before: auditedRow(before!), after: auditedRow(after!) },
  });
}

async function stored(
  tx: LedgerDb,
  { sellerId, series }: Pick<NumberSeries, 'sellerId' | 'series'>,
): Promise<NumberSeriesResult> {
  const found = (await seriesOf(tx, sellerId)).find((one) => one.series === series)!;
  return { kind: 'stored', series: found };
}

async function seriesOf(tx: LedgerDb, sellerId: string): Promise<NumberSeriesRecord[]> {
  const rows = await tx
    .select({ row: numberSeries, isUsed: IS_USED })
    .from(numberSeries)
    .where(eq(numberSeries.sellerId, sellerId))
    .orderBy(asc(numberSeries.series));
  return rows.map(({ row: { createdAt, archivedAt, kinds, ...rest }, isUsed }) => ({
    ...rest,
    kinds: kinds as NumberSeries['kinds'],
    isUsed,
    createdAtMs: createdAt.getTime(),
    archivedAtMs: archivedAt?.getTime() ?? null,
  }));
}

function rowOf({ kinds, ...rest }: NewNumberSeries) {
  return { ...rest, kinds: [...kinds] };
}

function seriesSubject({ sellerId, series }: Pick<NumberSeries, 'sellerId' | 'series'>): string {
  return `sellers/${sellerId}/series/${series}`;
}
