/**
 * Compares the usage table, row by row, with the sum of opening usage, batches and moves. It runs within the
 * database as a temporary table and one join, so memory is the server's (work_mem), with the rest on disk.
 */

import { asc, sql } from 'drizzle-orm';
import type { UsageRow } from '../../../invoice/seal.ts';
import { type Finding, finding } from '../../../verify/finding.ts';
import type { VerifiableLedger } from '../../../verify/port.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { moves } from '../schema.ts';
import { moveOf } from '../usage/moves.ts';
import type { UnreadableBatch } from './rows.ts';

/** Maximum differences reported one by one. The others are only counted. */
const MAX_REPORTED = 1000;

type UsageReads = Pick<VerifiableLedger, 'usageDifferences' | 'uniqueDifferences' | 'rows'>;

/** `left` receives the batches that cannot be read. */
export function usageReads(tx: LedgerDb, left: UnreadableBatch[]): UsageReads {
  return {
    usageDifferences: async (unreadable) => {
      left.push(...unreadable.map(([journal, sequence]) => ({ journal, sequence })));
      await addUpBatches(tx, left);
      await applyMoves(tx);
      await tx.execute(sql`create index on verified_usage (client_id, bucket_at)`);
      await tx.execute(sql`analyze verified_usage`);
      // From here on the server itself refuses any write.
      await tx.execute(sql`set transaction read only`);
      return differences(tx);
    },
    uniqueDifferences: () => uniqueDifferences(tx),
    rows: async (clientId, fromMs, toMs) => {
      const rows = await rowsOf(
        tx,
        sql`
        select extract(epoch from bucket_at)::float8 * 1000 as bucket_ms, identifier_id, sum(posts)::float8 as posts
        from verified_usage
        where client_id = ${clientId} and bucket_at >= ${new Date(fromMs).toISOString()}::timestamptz
          and bucket_at < ${new Date(toMs).toISOString()}::timestamptz
        group by 1, 2 having sum(posts) > 0`,
      );
      return rows.map(
        (row): UsageRow => [Number(row.bucket_ms), String(row.identifier_id), Number(row.posts)],
      );
    },
  };
}

async function addUpBatches(tx: LedgerDb, left: readonly UnreadableBatch[]): Promise<void> {
  await tx.execute(sql`
    create temporary table verified_usage (
      client_id text not null, identifier_id text not null, bucket_at timestamptz not null,
      posts bigint not null, requests bigint not null, refused bigint not null, bytes bigint not null,
      uncounted bigint not null) on commit drop`);
  await tx.execute(sql`
    insert into verified_usage
    with readable as materialized (
      select content from batches where not exists (
        select from json_to_recordset(${JSON.stringify(left)}::json) as unreadable (journal text, sequence bigint)
        where journal = journal_id and sequence = last_sequence)
    )
    select client_id, identifier_id, bucket_at, sum(posts), sum(requests), sum(refused), sum(bytes), sum(uncounted)
    from (
      select * from opening_usage
      union all
      select leaf->>0, leaf->>1, to_timestamp((one->0)::bigint / 1000.0), (one->1)::bigint, (one->2)::bigint,
        (one->3)::bigint, (one->4)::bigint, (one->5)::bigint
      from readable, jsonb_array_elements(content::jsonb) leaf, jsonb_array_elements(leaf->2) one
    ) as all_usage
    group by 1, 2, 3`);
}

/** Applies the moves in the order in which they were made (src/meter/moves.ts). */
async function applyMoves(tx: LedgerDb): Promise<void> {
  const all = await tx.select().from(moves).orderBy(asc(moves.id));
  if (all.length === 0) return;
  await tx.execute(sql`create index on verified_usage (identifier_id, client_id)`);
  for (const { identifierId, fromClientId, toClientId, fromMs, toMs } of all.map(moveOf)) {
    const until = Number.isFinite(toMs) ? new Date(toMs).toISOString() : 'infinity';
    await tx.execute(sql`
      update verified_usage set client_id = ${toClientId}
      where identifier_id = ${identifierId} and client_id = ${fromClientId}
        and bucket_at >= ${new Date(fromMs).toISOString()}::timestamptz and bucket_at < ${until}::timestamptz`);
  }
}

async function differences(tx: LedgerDb): Promise<Finding[]> {
  const rows = await rowsOf(
    tx,
    sql`
    with made as (
      select client_id, identifier_id, bucket_at, sum(posts) as posts, sum(requests) as requests,
        sum(refused) as refused, sum(bytes) as bytes, sum(uncounted) as uncounted
      from verified_usage group by 1, 2, 3
    )
    select client_id, identifier_id, to_char(bucket_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as bucket,
      concat_ws(' ', made.posts, made.requests, made.refused, made.bytes, made.uncounted) as expected,
      concat_ws(' ', usage.posts, usage.requests, usage.refused, usage.bytes, usage.uncounted) as found,
      count(*) over () as all_of_them
    from made full join usage using (client_id, bucket_at, identifier_id)
    where (made.posts, made.requests, made.refused, made.bytes, made.uncounted)
      is distinct from (usage.posts, usage.requests, usage.refused, usage.bytes, usage.uncounted)
    order by client_id, bucket_at, identifier_id
    limit ${MAX_REPORTED}`,
  );
  const reported = rows.map((row) =>
    finding(
      'usage_differs',
      `clients/${row.client_id}/identifiers/${row.identifier_id}/usage/${row.bucket}`,
      row.expected === '' ? 'no row' : `${row.expected} (posts, requests, refused, bytes, uncounted)`,
      row.found === '' ? 'no row' : row.found,
    ),
  );
  const all = Number(rows[0]?.all_of_them ?? 0);
  if (all > reported.length)
    reported.push(finding('usage_differs', 'usage', 'no difference', `${all} rows differ`));
  return reported;
}

/** No chain covers ids, but their counts cannot exceed what was served. */
async function uniqueDifferences(tx: LedgerDb): Promise<Finding[]> {
  const rows = await rowsOf(
    tx,
    sql`
    select 'unique_days' as what, client_id, day_at as at, identified, unique_days.posts as first, served.posts as served
    from unique_days
    left join lateral (
      select coalesce(sum(usage.posts), 0) as posts from usage
      where usage.client_id = unique_days.client_id and bucket_at >= day_at and bucket_at < day_at + interval '24 hours'
    ) served on true
    where identified > served.posts or identified < 0 or unique_days.posts < 0
      or is_exact and unique_days.posts > identified
    union all
    select 'unique_buckets', client_id, bucket_at, identified, first_posts, served.posts
    from unique_buckets
    left join lateral (
      select coalesce(sum(usage.posts), 0) as posts from usage
      where usage.client_id = unique_buckets.client_id and usage.bucket_at = unique_buckets.bucket_at
    ) served on true
    where identified > served.posts or first_posts > identified or first_posts < 0
    limit ${MAX_REPORTED}`,
  );
  return rows.map((row) =>
    finding(
      'unique_implausible',
      `clients/${row.client_id}/${row.what}/${new Date(String(row.at)).toISOString()}`,
      `at most ${row.served} deliveries with an id`,
      `${row.identified}, ${row.first} of them distinct`,
    ),
  );
}
