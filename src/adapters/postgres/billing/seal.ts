/** Reads from the ledger what an invoice rests on and seals it, in the transaction that issues it. */

import { and, asc, eq, gt, sql } from 'drizzle-orm';
import { spanOfDays } from '../../../evidence/build.ts';
import { readingsOf } from '../../../evidence/readings.ts';
import type { Breach, Invoice } from '../../../invoice/model.ts';
import type { IssueBasis } from '../../../invoice/port.ts';
import {
  chainsHash,
  contentHash,
  type Repeats,
  type SealedTariff,
  type UsageAsOf,
  type UsageRow,
  usageHash,
} from '../../../invoice/seal.ts';
import type { UniqueCount } from '../../../meter/unique/count.ts';
import { sumOfDays } from '../../../report/unique.ts';
import { countsUnique } from '../../../tariff/counted.ts';
import { nextMonth } from '../../../tariff/licence.ts';
import { timelineOf } from '../../../tariff/timeline.ts';
import { rowsWithin } from '../../../verify/rows.ts';
import { sha256 } from '../../crypto/sha256.ts';
import type { LedgerDb } from '../connection/db.ts';
import { journals, moves, uniqueBuckets, usage } from '../schema.ts';
import type { TariffVersionRow } from '../tariff-rows.ts';
import { type BucketSpan, bucketsIn } from '../usage/bucket-span.ts';
import { uniqueDaysOf } from '../usage/unique-days.ts';
import { tariffVersionOf } from './rows.ts';

interface ClientSpan extends BucketSpan {
  readonly clientId: string;
}

/**
 * `tx` must have the client's billing state locked. A gateway that adds posts of this client waits for that lock
 * before it commits, so the sequences read here cover exactly the usage read here. `versions` are those by which the
 * client is billed.
 */
export async function issueBasis(
  tx: LedgerDb,
  invoice: Invoice,
  breach: Breach | null,
  versions: readonly TariffVersionRow[],
  bucketSeconds: number,
): Promise<IssueBasis> {
  const { clientId, currency, monthMs } = invoice;
  const span = { clientId, ...sealedSpan(invoice, breach) };
  const chained = await tx.select().from(journals).orderBy(asc(journals.id));
  const [moved] = await tx.select({ last: sql`coalesce(max(${moves.id}), 0)`.mapWith(Number) }).from(moves);
  const rows = await usageRowsIn(tx, { clientId, ...spanOfDays(span) });
  const hash = usageHash(rowsWithin(rows, span), sha256);
  const usageAsOf: UsageAsOf = {
    journals: Object.fromEntries(chained.map(({ id, lastSequence }) => [id, lastSequence])),
    chains: chainsHash(
      new Map(chained.map(({ id, lastHash }) => [id, lastHash ?? new Uint8Array()])),
      sha256,
    ),
    lastMove: moved!.last,
    fromMs: span.fromMs,
    toMs: span.toMs,
    bucketSeconds,
    tariffVersionIds: versions.map(({ id }) => id),
    repeats: await repeatsOf(tx, span, versions, bucketSeconds),
  };
  const unique = await uniquePostsOf(tx, invoice);
  const readings = readingsOf({
    ...{ clientId, currency, monthMs, unique, rows, asOf: usageAsOf },
    versions: versions.map(tariffVersionOf),
  });
  const tariffs = versions.map(sealedTariffOf);
  return {
    readings: readings.map(({ name, posts, amount, isUsed }) => ({ name, posts, amount, isUsed })),
    seal: (issued) => {
      const sealed = { invoice: issued, unique, usageHash: hash, asOf: usageAsOf, tariffs };
      return { contentHash: contentHash(sealed, sha256), usageHash: hash, usageAsOf, unique };
    },
  };
}

async function uniquePostsOf(tx: LedgerDb, { clientId, lines }: Invoice): Promise<UniqueCount | null> {
  const fromMs = Math.min(...lines.map((line) => line.fromMs));
  const toMs = Math.max(...lines.map((line) => line.toMs));
  const [days] = await uniqueDaysOf(tx, [{ clientId, fromMs, toMs }]);
  return sumOfDays(days!);
}

export function sealedTariffOf({ id, clientId, version, validFrom, terms }: TariffVersionRow): SealedTariff {
  return { id, clientId, version, validFromMs: validFrom.getTime(), terms };
}

/** The stretch of the breach, or the calendar month. */
export function sealedSpan(
  invoice: Pick<Invoice, 'monthMs'>,
  breach: Pick<Breach, 'stretchFromMs' | 'stretchToMs'> | null,
): BucketSpan {
  if (breach !== null) return { fromMs: breach.stretchFromMs, toMs: breach.stretchToMs };
  return { fromMs: invoice.monthMs!, toMs: nextMonth(invoice.monthMs!) };
}

/** The client's current usage in the span, unordered. */
export async function usageRowsIn(tx: LedgerDb, span: ClientSpan): Promise<UsageRow[]> {
  const rows = await tx
    .select({ bucketAt: usage.bucketAt, identifierId: usage.identifierId, posts: usage.posts })
    .from(usage)
    .where(and(eq(usage.clientId, span.clientId), bucketsIn(usage.bucketAt, span), gt(usage.posts, 0)));
  return rows.map(({ bucketAt, identifierId, posts }) => [bucketAt.getTime(), identifierId, posts]);
}

/** Empty unless a tariff on unique posts is in force in the span. */
export async function repeatsOf(
  tx: LedgerDb,
  span: ClientSpan,
  versions: readonly TariffVersionRow[],
  bucketSeconds: number,
): Promise<Repeats[]> {
  const { clientId, fromMs, toMs } = span;
  const periods = timelineOf(clientId, versions.map(tariffVersionOf), bucketSeconds);
  const uniquely = periods.filter(
    (period) => countsUnique(period) && period.fromMs < toMs && period.toMs > fromMs,
  );
  if (uniquely.length === 0) return [];
  const rows = await tx
    .select()
    .from(uniqueBuckets)
    .where(
      and(
        eq(uniqueBuckets.clientId, clientId),
        bucketsIn(uniqueBuckets.bucketAt, span),
        gt(uniqueBuckets.identified, uniqueBuckets.firstPosts),
      ),
    )
    .orderBy(asc(uniqueBuckets.bucketAt));
  return rows.map(({ bucketAt, identified, firstPosts }) => [bucketAt.getTime(), identified - firstPosts]);
}
