/** What a promotion reads: a few statements over all named callers, however many they are. */

import { eq, sql } from 'drizzle-orm';
import type { PromotionAsked, PromotionFacts } from '../../../callers/promotion-port.ts';
import { ownRange } from '../../../callers/ranges.ts';
import type { PostsAt } from '../../../tariff/posts.ts';
import { tariffVersionOf } from '../billing/rows.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { clients } from '../schema.ts';
import { versionsOf } from '../tariff-rows.ts';

/** Overlaps that are reported. */
const MAX_OVERLAPS = 20;

export async function promotionFacts(tx: LedgerDb, asked: PromotionAsked): Promise<PromotionFacts> {
  const { clientId, callerIds, ranges, fromMs, untilMs } = asked;
  const [client] = await tx.select({ source: clients.source }).from(clients).where(eq(clients.id, clientId));
  const callers = await rowsOf(
    tx,
    sql`
    select id, exists (select from clients where clients.id = caller.id) as is_known,
      exists (select from usage where client_id = caller.id and identifier_id = caller.id
        and bucket_at >= ${iso(fromMs)}::timestamptz and bucket_at < ${iso(untilMs)}::timestamptz)
      or not exists (select from moves where identifier_id = caller.id and from_client_id = caller.id
        and to_client_id = ${clientId} and from_at <= ${iso(fromMs)}::timestamptz) as is_movable
    from (select distinct json_array_elements_text(${JSON.stringify(callerIds)}::json) as id) as caller order by id`,
  );
  const known = await rowsOf(
    tx,
    sql`
    select range, bool_or(coalesce(identifiers.client_id = ${clientId} and identifiers.cidr >>= range::cidr, false))
      as has_it
    from (select distinct json_array_elements_text(${JSON.stringify(ranges)}::json) as range) as asked
    left join identifiers on identifiers.cidr && range::cidr and identifiers.revoked_at is null
    group by range order by range`,
  );
  const overlaps = await rowsOf(
    tx,
    sql`
    select range, identifiers.client_id, identifiers.cidr::text as cidr
    from (select distinct json_array_elements_text(${JSON.stringify(ranges)}::json) as range) as asked
    join identifiers on identifiers.cidr && range::cidr and identifiers.revoked_at is null
      and identifiers.client_id <> ${clientId}
    order by range, identifiers.id limit ${MAX_OVERLAPS}`,
  );
  return {
    clientSource: client?.source ?? null,
    unknownCallerIds: callers.filter((row) => row.is_known !== true).map((row) => String(row.id)),
    movableIds: callers.filter((row) => row.is_known && row.is_movable).map((row) => String(row.id)),
    newRanges: known.filter((row) => row.has_it !== true).map((row) => String(row.range)),
    overlaps: overlaps.map((row) => ({
      range: String(row.range),
      clientId: String(row.client_id),
      cidr: String(row.cidr),
    })),
    uncovered: await uncoveredCallers(tx, asked),
    tariffs: (await versionsOf(tx, [clientId, ...callerIds])).map(tariffVersionOf),
  };
}

/** The number of callers in none of the asked ranges and none of the client's. */
async function uncoveredCallers(
  tx: LedgerDb,
  { clientId, callerIds, ranges }: PromotionAsked,
): Promise<number> {
  const [row] = await rowsOf(
    tx,
    sql`
    with covering as (
      select json_array_elements_text(${JSON.stringify(ranges)}::json)::cidr as cidr
      union select cidr from identifiers where client_id = ${clientId} and revoked_at is null and cidr is not null
    ), single as (select cidr from covering where masklen(cidr) = 32 and family(cidr) = 4),
    wide as (select cidr from covering where not (masklen(cidr) = 32 and family(cidr) = 4))
    select count(*)::int as n
    from (select json_array_elements_text(${JSON.stringify(callerIds.map(ownRange))}::json)::cidr as cidr) as caller
    where not exists (select from single where single.cidr = caller.cidr)
      and not exists (select from wide where wide.cidr >>= caller.cidr)`,
  );
  return Number(row?.n);
}

/** The callers that `canBeSkipped` (src/tariff/skip.ts) does not skip, in order. */
export async function billableCallers(
  tx: LedgerDb,
  callerIds: readonly string[],
  clientId: string,
  sinceMs: number,
): Promise<string[]> {
  const rows = await rowsOf(
    tx,
    sql`
    with bound as materialized (
      select min((terms->>'threshold')::bigint) as threshold,
        ${iso(sinceMs)}::timestamptz
          - coalesce(max((terms->>'windowSeconds')::bigint), 0) * interval '1 second' as since,
        coalesce(bool_or(terms->>'kind' = 'licence'), false) as licence
      from tariff_versions where client_id is null
    ), caller as materialized (
      select distinct json_array_elements_text(${JSON.stringify(callerIds)}::json) as id
    ), busy as materialized (
      select id from (
        select caller.id, posts from caller cross join bound
        join usage on client_id = caller.id and identifier_id = caller.id and bucket_at >= bound.since
        union all
        select identifier_id, posts from bound
        join usage on client_id = ${clientId} and bucket_at >= bound.since
        where identifier_id in (select id from caller)
      ) as served cross join bound
      group by id, bound.threshold having sum(posts) > bound.threshold
    )
    select id from caller cross join bound
    where bound.licence or id in (select id from busy)
      or exists (select from tariff_versions own where own.client_id = caller.id)
      or exists (select from breaches where breaches.client_id = caller.id and breaches.stretch_to >= bound.since)
      or exists (select from invoices where invoices.client_id = caller.id and invoices.month_at is not null)
    order by id`,
  );
  return rows.map((row) => String(row.id));
}

export async function callerPosts(
  tx: LedgerDb,
  callerIds: readonly string[],
  holder: string | null,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
): Promise<PostsAt[]> {
  const rows = await rowsOf(
    tx,
    sql`
    select extract(epoch from bucket_at)::float8 * 1000 as bucket_ms, sum(posts)::float8 as posts
    from (select json_array_elements_text(${JSON.stringify(callerIds)}::json) as id) as caller
    join usage on client_id = coalesce(${holder}::text, caller.id) and identifier_id = caller.id
      and bucket_at >= ${iso(fromMs)}::timestamptz and bucket_at < ${iso(untilMs)}::timestamptz and posts > 0
    group by bucket_at order by bucket_at`,
  );
  return rows.map((row) => ({ bucketMs: Number(row.bucket_ms), posts: Number(row.posts) }));
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
