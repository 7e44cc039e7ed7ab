/** A client's usage at the issue of an invoice, from the batches and moves until then. */

import { and, asc, eq, inArray, lte, or, sql } from 'drizzle-orm';
import type { UsageAsOf } from '../../../invoice/seal.ts';
import type { Move } from '../../../meter/moves.ts';
import type { Usage } from '../../../meter/usage.ts';
import type { VerifiableLedger } from '../../../verify/port.ts';
import { clientRows, type UsageScope, usageScope } from '../../../verify/rows.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { moves, openingUsage } from '../schema.ts';
import { type BucketSpan, bucketsIn } from '../usage/bucket-span.ts';
import { moveOf } from '../usage/moves.ts';

/** `unreadable` lists the batches to skip. It is filled when usage has been compared. */
export function asOfReads(
  tx: LedgerDb,
  unreadable: readonly UnreadableBatch[],
): Pick<VerifiableLedger, 'rowsAsOf' | 'chainEnds'> {
  return {
    rowsAsOf: async (clientId, asOf) => {
      const made = await movesUntil(tx, asOf.lastMove);
      const concerned = usageScope(clientId, made);
      const opening = await openingRows(tx, asOf, concerned);
      const usage = [...opening, ...(await batchRows(tx, asOf, concerned, unreadable))];
      return clientRows(clientId, usage, made, asOf);
    },
    chainEnds: async (sequences) => {
      const rows = await rowsOf(
        tx,
        sql`
        select journal_id, hash
        from json_each_text(${JSON.stringify(sequences)}::json) as asked (journal, sequence)
        join batches on journal_id = journal and last_sequence = sequence::bigint`,
      );
      return new Map(rows.map((row) => [String(row.journal_id), row.hash as Uint8Array]));
    },
  };
}

export interface UnreadableBatch {
  readonly journal: string;
  readonly sequence: number;
}

export async function movesUntil(tx: LedgerDb, last: number): Promise<Move[]> {
  const rows = await tx.select().from(moves).where(lte(moves.id, last)).orderBy(asc(moves.id));
  return rows.map(moveOf);
}

export async function openingRows(
  tx: LedgerDb,
  span: BucketSpan,
  { clientId, identifiers }: UsageScope,
): Promise<Usage[]> {
  const rows = await tx
    .select()
    .from(openingUsage)
    .where(
      and(
        bucketsIn(openingUsage.bucketAt, span),
        or(eq(openingUsage.clientId, clientId), inArray(openingUsage.identifierId, [...identifiers])),
      ),
    );
  return rows.map(({ bucketAt, ...row }) => ({ ...row, bucketMs: bucketAt.getTime() }));
}

async function batchRows(
  tx: LedgerDb,
  asOf: UsageAsOf,
  concerned: UsageScope,
  unreadable: readonly UnreadableBatch[],
): Promise<Usage[]> {
  const rows = await rowsOf(
    tx,
    sql`
    with readable as materialized (
      select content
      from json_each_text(${JSON.stringify(asOf.journals)}::json) as asked (journal, sequence)
      join batches on journal_id = journal and last_sequence <= sequence::bigint
        and to_at >= ${new Date(asOf.fromMs).toISOString()}::timestamptz
        and from_at < ${new Date(asOf.toMs).toISOString()}::timestamptz
      where not exists (
        select from json_to_recordset(${JSON.stringify(unreadable)}::json) as unreadable (journal text, sequence bigint)
        where unreadable.journal = journal_id and unreadable.sequence = last_sequence)
    )
    select leaf->>0 as client_id, leaf->>1 as identifier_id, (one->0)::float8 as bucket_ms,
      sum((one->1)::float8)::float8 as posts
    from readable, jsonb_array_elements(content::jsonb) leaf, jsonb_array_elements(leaf->2) one
    where (leaf->>0 = ${concerned.clientId}
        or leaf->>1 in (select json_array_elements_text(${JSON.stringify(concerned.identifiers)}::json)))
      and (one->0)::float8 >= ${asOf.fromMs} and (one->0)::float8 < ${asOf.toMs}
    group by 1, 2, 3`,
  );
  return rows.map((row) => ({
    clientId: String(row.client_id),
    identifierId: String(row.identifier_id),
    bucketMs: Number(row.bucket_ms),
    posts: Number(row.posts),
    ...{ requests: 0, refused: 0, bytes: 0, uncounted: 0 },
  }));
}
