/** What the readings of an invoice's clause are computed from: whole UTC days of usage, tariffs and unique posts. */

import { eq, inArray, sql } from 'drizzle-orm';
import { spanOfDays } from '../../../evidence/build.ts';
import type { ReadingInput } from '../../../evidence/readings.ts';
import { type UsageAsOf, type UsageRow, usageAsOfSchema } from '../../../invoice/seal.ts';
import { sumOfDays } from '../../../report/unique.ts';
import { breachOf, frozenUnique, tariffVersionOf } from '../billing/rows.ts';
import { repeatsOf, sealedSpan, usageRowsIn } from '../billing/seal.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { breaches, invoices, tariffVersions } from '../schema.ts';
import { versionsOf } from '../tariff-rows.ts';
import type { BucketSpan } from '../usage/bucket-span.ts';
import { uniqueDaysOf } from '../usage/unique-days.ts';
import { asOfReads } from '../verification/rows.ts';

/** Null if there is no such invoice, or if it has neither a breach nor a month. */
export async function readingBasis(
  tx: LedgerDb,
  invoiceId: string,
  bucketSeconds: number,
): Promise<ReadingInput | null> {
  const [row] = await tx
    .select({ invoice: invoices, breach: breaches })
    .from(invoices)
    .leftJoin(breaches, eq(breaches.id, invoices.breachId))
    .where(eq(invoices.id, invoiceId));
  if (row === undefined) return null;
  const { invoice, breach } = row;
  const sealed = usageAsOfSchema.safeParse(invoice.usageAsOf);
  const monthMs = invoice.monthAt?.getTime() ?? null;
  const subject = { clientId: invoice.clientId, currency: invoice.currency, monthMs };
  if (sealed.success) {
    const { data: asOf } = sealed;
    const kept = await tx
      .select()
      .from(tariffVersions)
      .where(inArray(tariffVersions.id, [...asOf.tariffVersionIds]));
    const rows = await rowsAsOf(tx, invoice.clientId, asOf);
    const unique = frozenUnique(invoice.uniquePosts);
    return { ...subject, rows, asOf, versions: kept.map(tariffVersionOf), unique };
  }
  if (breach === null && monthMs === null) return null;
  const span = sealedSpan({ monthMs }, breach === null ? null : breachOf(breach));
  return { ...subject, ...(await currentBasis(tx, invoice.clientId, span, bucketSeconds)) };
}

async function currentBasis(tx: LedgerDb, clientId: string, span: BucketSpan, bucketSeconds: number) {
  const versions = await versionsOf(tx, [clientId]);
  const [days] = await uniqueDaysOf(tx, [{ clientId, ...span }]);
  const asOf: UsageAsOf = {
    ...{ journals: {}, chains: '', lastMove: 0, ...span, bucketSeconds },
    tariffVersionIds: versions.map(({ id }) => id),
    repeats: await repeatsOf(tx, { clientId, ...span }, versions, bucketSeconds),
  };
  return {
    asOf,
    rows: await usageRowsIn(tx, { clientId, ...spanOfDays(span) }),
    versions: versions.map(tariffVersionOf),
    unique: sumOfDays(days!),
  };
}

/**
 * The usage of the whole UTC days as of the issue. Unless a batch or a move came later, it is the current usage, which
 * is read without parsing batches.
 */
export async function rowsAsOf(
  tx: LedgerDb,
  clientId: string,
  asOf: UsageAsOf,
): Promise<readonly UsageRow[]> {
  const span = spanOfDays(asOf);
  const [later] = await rowsOf(
    tx,
    sql`
    select exists (
      select from batches
      where to_at >= ${new Date(span.fromMs).toISOString()}::timestamptz
        and from_at < ${new Date(span.toMs).toISOString()}::timestamptz
        and last_sequence > coalesce((${JSON.stringify(asOf.journals)}::jsonb->>journal_id)::bigint, 0)
    ) or exists (select from moves where id > ${asOf.lastMove}) as is_changed`,
  );
  if (later?.is_changed === false) return usageRowsIn(tx, { clientId, ...span });
  return asOfReads(tx, []).rowsAsOf(clientId, { ...asOf, ...span });
}
