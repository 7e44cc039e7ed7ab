/** Reads from the ledger what an invoice rests on and seals it, in the transaction that issues it. */

import { and, asc, eq, gt, gte, isNull, lt, or, sql } from 'drizzle-orm';
import type { Breach, Invoice } from '../../invoice/model.ts';
import {
  chainsHash,
  contentHash,
  type Repeats,
  type SealedTariff,
  type UsageAsOf,
  type UsageRow,
  usageHash,
} from '../../invoice/seal.ts';
import type { UniqueCount } from '../../report/unique.ts';
import { countsUnique } from '../../tariff/counted.ts';
import { nextMonth } from '../../tariff/licence.ts';
import { timelineOf } from '../../tariff/timeline.ts';
import { sha256 } from './batches.ts';
import { tariffVersionOf } from './billing-rows.ts';
import type { LedgerDb } from './db.ts';
import { journals, moves, tariffVersions, uniqueBuckets, usage } from './schema.ts';

export interface Seal {
  readonly contentHash: string;
  readonly usageHash: string;
  readonly usageAsOf: UsageAsOf;
}

interface Span {
  readonly clientId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

type VersionRow = typeof tariffVersions.$inferSelect;

/**
 * `tx` has the client's books locked: a gateway that adds posts of this client waits there before it commits, so the
 * sequences that are read here have exactly the usage that is read here.
 */
export async function sealInvoice(
  tx: LedgerDb,
  invoice: Invoice,
  breach: Breach | null,
  unique: UniqueCount | null,
  bucketSeconds: number,
): Promise<Seal> {
  const span = { clientId: invoice.clientId, ...spanOf(invoice, breach) };
  const versions = await versionsOf(tx, invoice.clientId);
  const chained = await tx.select().from(journals).orderBy(asc(journals.id));
  const [moved] = await tx.select({ last: sql`coalesce(max(${moves.id}), 0)`.mapWith(Number) }).from(moves);
  const hash = usageHash(await usageRows(tx, span), sha256);
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
  const tariffs = versions.map(sealedTariffOf);
  const sealed = { invoice, unique, usageHash: hash, asOf: usageAsOf, tariffs };
  return { contentHash: contentHash(sealed, sha256), usageHash: hash, usageAsOf };
}

/** Own and default versions, in the order of their ids. */
export function versionsOf(tx: LedgerDb, clientId: string): Promise<VersionRow[]> {
  return tx
    .select()
    .from(tariffVersions)
    .where(or(eq(tariffVersions.clientId, clientId), isNull(tariffVersions.clientId)))
    .orderBy(asc(tariffVersions.id));
}

export function sealedTariffOf({ id, clientId, version, validFrom, terms }: VersionRow): SealedTariff {
  return { id, clientId, version, validFromMs: validFrom.getTime(), terms };
}

function spanOf(invoice: Invoice, breach: Breach | null): { fromMs: number; toMs: number } {
  if (breach !== null) return { fromMs: breach.stretchFromMs, toMs: breach.stretchToMs };
  return { fromMs: invoice.monthMs!, toMs: nextMonth(invoice.monthMs!) };
}

async function usageRows(tx: LedgerDb, { clientId, fromMs, toMs }: Span): Promise<UsageRow[]> {
  const rows = await tx
    .select({ bucketAt: usage.bucketAt, identifierId: usage.identifierId, posts: usage.posts })
    .from(usage)
    .where(
      and(
        eq(usage.clientId, clientId),
        gte(usage.bucketAt, new Date(fromMs)),
        lt(usage.bucketAt, new Date(toMs)),
        gt(usage.posts, 0),
      ),
    );
  return rows.map(({ bucketAt, identifierId, posts }) => [bucketAt.getTime(), identifierId, posts]);
}

async function repeatsOf(
  tx: LedgerDb,
  { clientId, fromMs, toMs }: Span,
  versions: readonly VersionRow[],
  bucketSeconds: number,
): Promise<Repeats[]> {
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
        gte(uniqueBuckets.bucketAt, new Date(fromMs)),
        lt(uniqueBuckets.bucketAt, new Date(toMs)),
        gt(uniqueBuckets.identified, uniqueBuckets.firstPosts),
      ),
    )
    .orderBy(asc(uniqueBuckets.bucketAt));
  return rows.map(({ bucketAt, identified, firstPosts }) => [bucketAt.getTime(), identified - firstPosts]);
}
