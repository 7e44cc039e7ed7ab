/** Sums usage by client and UTC month. */

import { sql } from 'drizzle-orm';
import type { ClientMonths, MonthUsage } from '../../../report/finance/port.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { uniqueDaysOf } from '../usage/unique-days.ts';

/** Clients that one statement sums. */
const CLIENTS = 200;
const DAY_MS = 86_400_000;

/** @param from and `to` are UTC dates; `to` is included. */
export async function* usageMonths(
  db: LedgerDb,
  clientId: string | undefined,
  from: string,
  to: string,
): AsyncGenerator<readonly ClientMonths[]> {
  const fromMs = Date.parse(from);
  const toMs = Date.parse(to) + DAY_MS;
  let after = '';
  for (;;) {
    const isNext = clientId === undefined ? sql`id > ${after}` : sql`id = ${clientId} and id > ${after}`;
    const clients = await rowsOf(
      db,
      sql`select id, name from clients where ${isNext} order by id limit ${CLIENTS}`,
    );
    if (clients.length === 0) return;
    const ids = clients.map(({ id }) => String(id));
    after = ids.at(-1)!;
    const months = await monthsOf(db, ids, fromMs, toMs);
    const served = clients.filter(({ id }) => months.has(String(id)));
    const times = served.map(({ id }) => ({ clientId: String(id), fromMs, toMs }));
    const days = await uniqueDaysOf(db, times);
    yield served.map(({ id, name }, at) => ({
      ...{ clientId: String(id), clientName: String(name) },
      ...{ months: months.get(String(id))!, uniqueDays: days[at]! },
    }));
  }
}

async function monthsOf(
  db: LedgerDb,
  clientIds: readonly string[],
  fromMs: number,
  toMs: number,
): Promise<Map<string, MonthUsage[]>> {
  const from = sql`${new Date(fromMs).toISOString()}::timestamptz`;
  const to = sql`${new Date(toMs).toISOString()}::timestamptz`;
  const rows = await rowsOf(
    db,
    sql`
    with asked as materialized (
      select client_id from jsonb_array_elements_text(${JSON.stringify(clientIds)}::jsonb) as asked(client_id)
    ), served as (
      select client_id, to_char(bucket_at at time zone 'UTC', 'YYYY-MM') as month, sum(posts)::float8 as posts,
        sum(requests)::float8 as requests, sum(uncounted)::float8 as uncounted
      from asked join usage using (client_id) where bucket_at >= ${from} and bucket_at < ${to}
      group by 1, 2
    ), began as (
      select client_id, to_char(from_at at time zone 'UTC', 'YYYY-MM') as month, count(*)::int as breaches
      from asked join breaches using (client_id) where state <> 'void' and from_at >= ${from} and from_at < ${to}
      group by 1, 2
    ), peaked as (
      select client_id, to_char(peak_at at time zone 'UTC', 'YYYY-MM') as month, max(peak_posts)::float8 as peak
      from asked join breaches using (client_id) where state <> 'void' and peak_at >= ${from} and peak_at < ${to}
      group by 1, 2
    )
    select client_id, month, coalesce(posts, 0) as posts, coalesce(requests, 0) as requests,
      coalesce(uncounted, 0) as uncounted, coalesce(breaches, 0) as breaches, peak
    from served full join began using (client_id, month) full join peaked using (client_id, month)
    order by client_id, month`,
  );
  const found = new Map<string, MonthUsage[]>();
  for (const row of rows) {
    const months = found.get(String(row.client_id)) ?? [];
    months.push({
      month: String(row.month),
      posts: Number(row.posts),
      requests: Number(row.requests),
      uncounted: Number(row.uncounted),
      breaches: Number(row.breaches),
      peakPosts: row.peak === null ? null : Number(row.peak),
    });
    found.set(String(row.client_id), months);
  }
  return found;
}
