/** Reads how many distinct posts clients were served, by UTC day. */

import { sql } from 'drizzle-orm';
import type { UniqueDay } from '../../../meter/unique/count.ts';
import { dayOf } from '../../../meter/unique/post-ids.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';

/** A time span of a client. All UTC days that it touches are included completely. */
export interface ClientTime {
  readonly clientId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Returns the days with posts of each of `times`, in order, in one statement. If every identified delivery of a day
 * is in `unique_posts`, the number is exact however large.
 */
export async function uniqueDaysOf(db: LedgerDb, times: readonly ClientTime[]): Promise<UniqueDay[][]> {
  const days = times.map((): UniqueDay[] => []);
  if (times.length === 0) return days;
  for (const row of await rowsOf(db, daysOf(times))) {
    const isExact = row.is_exact === true || row.billed === row.identified;
    days[Number(row.index)]!.push({
      dayMs: Number(row.day_ms),
      posts: Number(row.is_exact === true ? row.unique_posts : isExact ? row.first_posts : row.unique_posts),
      isExact,
      withoutId: Number(row.posts) - Number(row.identified),
    });
  }
  return days;
}

function daysOf(times: readonly ClientTime[]) {
  const asked = times.map(({ clientId, fromMs, toMs }, index) => ({
    index,
    clientId,
    from: new Date(dayOf(fromMs)).toISOString(),
    to: new Date(dayOf(toMs - 1) + 86_400_000).toISOString(),
  }));
  return sql`
    with asked as materialized (
      select * from json_to_recordset(${JSON.stringify(asked)}::json) as times (
        index int, "clientId" text, "from" timestamptz, "to" timestamptz)
    ), served as (
      select index, client_id, date_trunc('day', bucket_at, 'UTC') as day_at, sum(posts) as posts
      from asked join usage on client_id = "clientId" and bucket_at >= "from" and bucket_at < "to"
      group by 1, 2, 3 having sum(posts) > 0
    ), billed as (
      select index, date_trunc('day', bucket_at, 'UTC') as day_at,
        sum(identified) as identified, sum(first_posts) as first_posts
      from asked join unique_buckets on client_id = "clientId" and bucket_at >= "from" and bucket_at < "to"
      group by 1, 2
    )
    select index, extract(epoch from day_at)::float8 * 1000 as day_ms, served.posts::float8 as posts,
      coalesce(days.posts, 0)::float8 as unique_posts, coalesce(days.is_exact, true) as is_exact,
      coalesce(days.identified, 0)::float8 as identified,
      coalesce(billed.identified, 0)::float8 as billed, coalesce(billed.first_posts, 0)::float8 as first_posts
    from served
    left join billed using (index, day_at)
    left join unique_days days using (client_id, day_at)
    order by index, day_at`;
}
