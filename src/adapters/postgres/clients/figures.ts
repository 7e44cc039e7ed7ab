/** Present figures of clients, summed by the database from minutes of usage, breaches and invoices. */

import { sql } from 'drizzle-orm';
import type { ClientFigures, LedgerStanding, ServedClient, UsageAsk } from '../../../report/clients/port.ts';
import type { CurrencyAmount } from '../../../tariff/money.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';

/** Invoices that claim something: neither rejected nor void. */
const OPEN = sql`('draft', 'approved')`;

export function postgresClientFigures(db: LedgerDb): ClientFigures {
  return {
    served: (asked, toMs) => served(db, asked, toMs),
    standings: (clientIds, monthFromMs, toMs) => standings(db, clientIds, monthFromMs, toMs),

    async nearCandidates(byShare, byPosts, sinceMs) {
      const rows = await rowsOf(
        db,
        sql`(select client_id from client_totals order by share desc, total desc, client_id desc limit ${byShare})
          union
          (select client_id from usage where bucket_at >= ${at(sinceMs)}
            group by client_id order by sum(posts) desc, client_id limit ${byPosts})`,
      );
      return rows.map((row) => String(row.client_id));
    },

    async cachedCounts(nearShare, except) {
      const [row] = await rowsOf(
        db,
        sql`select count(*) filter (where share > 1)::int as over, count(*) filter (where share <= 1)::int as near
          from client_totals where share >= ${nearShare} and client_id not in (select * from ${texts(except)} as ids)`,
      );
      return { over: Number(row?.over), near: Number(row?.near) };
    },

    async minuteSums(fromMs, toMs) {
      const rows = await rowsOf(
        db,
        sql`select extract(epoch from date_trunc('minute', bucket_at))::float8 * 1000 as at_ms,
            sum(posts)::float8 as posts, sum(requests)::float8 as requests
          from usage where bucket_at >= ${at(fromMs)} and bucket_at < ${at(toMs)}
          group by at_ms order by at_ms`,
      );
      return rows.map((row) => ({
        atMs: Number(row.at_ms),
        posts: Number(row.posts),
        requests: Number(row.requests),
      }));
    },

    async openDrafts() {
      const rows = await rowsOf(
        db,
        sql`select currency, sum(amount_minor)::text as amount, count(*)::int as invoices
          from invoices where status in ${OPEN} group by currency order by currency`,
      );
      return rows.map((row) => ({ ...amountOfRow(row), invoices: Number(row.invoices) }));
    },

    async holds() {
      const [row] = await rowsOf(
        db,
        sql`select count(distinct client_id)::int as clients, coalesce(bool_or(client_id is null), false) as for_all
          from billing_holds where released_at is null`,
      );
      return { clients: Number(row?.clients), isForAll: row?.for_all === true };
    },
  };
}

/** The buckets of a client come as two arrays, because a row for each of 1,440 minutes costs more than their sums. */
async function served(db: LedgerDb, asked: readonly UsageAsk[], toMs: number): Promise<ServedClient[]> {
  const asks = asked.map(({ clientId, fromMs, windowFromMs }) => ({
    client_id: clientId,
    from_at: iso(fromMs),
    window_at: iso(windowFromMs),
  }));
  const rows = await rowsOf(
    db,
    sql`
    select asked.client_id, found.*
    from jsonb_to_recordset(${JSON.stringify(asks)}::jsonb)
      as asked(client_id text, from_at timestamptz, window_at timestamptz)
    cross join lateral (
      select array_to_json(array_agg(extract(epoch from bucket_at)::bigint * 1000 order by bucket_at)
          filter (where posts > 0)) as buckets,
        array_to_json(array_agg(posts order by bucket_at) filter (where posts > 0)) as posts,
        coalesce(sum(requests) filter (where bucket_at >= asked.window_at), 0)::float8 as requests,
        coalesce(sum(uncounted) filter (where bucket_at >= asked.window_at), 0)::float8 as uncounted
      from (
        select bucket_at, sum(posts)::bigint as posts, sum(requests) as requests, sum(uncounted) as uncounted
        from usage
        where usage.client_id = asked.client_id and bucket_at >= asked.from_at and bucket_at < ${at(toMs)}
        group by bucket_at
      ) as minutes
    ) as found`,
  );
  return rows.map((row) => {
    const buckets = (row.buckets ?? []) as readonly number[];
    const posts = (row.posts ?? []) as readonly number[];
    return {
      clientId: String(row.client_id),
      posts: buckets.map((bucketMs, index) => ({ bucketMs, posts: posts[index]! })),
      requests: Number(row.requests),
      uncounted: Number(row.uncounted),
    };
  });
}

async function standings(
  db: LedgerDb,
  clientIds: readonly string[],
  monthFromMs: number,
  toMs: number,
): Promise<LedgerStanding[]> {
  const ids = texts(clientIds);
  const [rows, claims] = await Promise.all([
    rowsOf(
      db,
      sql`
      select asked.client_id,
        (select extract(epoch from max(bucket_at))::float8 * 1000 from usage
          where usage.client_id = asked.client_id) as last_seen_ms,
        (select coalesce(sum(posts), 0)::float8 from usage where usage.client_id = asked.client_id
          and bucket_at >= ${at(monthFromMs)} and bucket_at < ${at(toMs)}) as month_posts,
        (select extract(epoch from max(stretch_from))::float8 * 1000 from breaches
          where breaches.client_id = asked.client_id and state = 'open') as open_from_ms,
        exists (select from breaches
          where breaches.client_id = asked.client_id and state = 'settling') as is_settling,
        exists (select from billing_holds where released_at is null
          and (billing_holds.client_id = asked.client_id or billing_holds.client_id is null)) as is_on_hold
      from ${ids} as asked(client_id)`,
    ),
    rowsOf(
      db,
      sql`
      select i.client_id, i.currency, coalesce(sum(i.amount_minor) filter (where i.status in ${OPEN}), 0)::text as drafts,
        coalesce(sum(i.amount_minor)
          filter (where (i.month_at >= ${at(monthFromMs)} or b.to_at > ${at(monthFromMs)})), 0)::text as month
      from invoices i left join breaches b on b.id = i.breach_id
      where i.client_id in (select * from ${ids} as ids) and i.status in ('draft', 'approved', 'issued')
      group by i.client_id, i.currency order by i.currency`,
    ),
  ]);
  return rows.map((row) => {
    const own = claims.filter((claim) => claim.client_id === row.client_id);
    return {
      clientId: String(row.client_id),
      lastSeenMs: numberOrNull(row.last_seen_ms),
      monthPosts: Number(row.month_posts),
      openStretchFromMs: numberOrNull(row.open_from_ms),
      isSettling: row.is_settling === true,
      isOnHold: row.is_on_hold === true,
      drafts: amountsOf(own, 'drafts'),
      month: amountsOf(own, 'month'),
    };
  });
}

type Row = Readonly<Record<string, unknown>>;

/** Amounts other than 0. */
function amountsOf(claims: readonly Row[], column: 'drafts' | 'month'): CurrencyAmount[] {
  return claims
    .map((claim) => amountOfRow({ currency: claim.currency, amount: claim[column] }))
    .filter(({ amountMinor }) => amountMinor !== 0n);
}

function amountOfRow(row: Row): CurrencyAmount {
  return { currency: String(row.currency), amountMinor: BigInt(String(row.amount)) };
}

function numberOrNull(value: unknown): number | null {
  return value === null ? null : Number(value);
}

/** A table expression with one row per text. */
function texts(values: readonly string[]) {
  return sql`jsonb_array_elements_text(${JSON.stringify(values)}::jsonb)`;
}

function at(atMs: number) {
  return sql`${iso(atMs)}::timestamptz`;
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
