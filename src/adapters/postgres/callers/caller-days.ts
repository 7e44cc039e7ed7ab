/** Adds traits of unknown callers to the ledger, and deletes what is too old or too rare to be kept. */

import { sql } from 'drizzle-orm';
import { MAX_VALUES } from '../../../callers/frequent-values.ts';
import type { CallerDay } from '../../../callers/port.ts';
import type { LedgerDb } from '../connection/db.ts';

/** In key order, so that sources that add to the same rows cannot deadlock. */
export async function addCallerDays(tx: LedgerDb, days: readonly CallerDay[]): Promise<void> {
  if (days.length === 0) return;
  const rows = days.map(({ dayMs, ...sums }) => ({ ...sums, dayAt: new Date(dayMs).toISOString() }));
  await tx.execute(sql`
    insert into caller_days (day_at, client_id, trait, value, requests, posts)
    select "dayAt", "clientId", trait, value, sum(requests), sum(posts)
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r("dayAt" timestamptz, "clientId" text, trait text,
      value text, requests bigint, posts bigint)
    group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (day_at, client_id, trait, value) do update set
      requests = caller_days.requests + excluded.requests, posts = caller_days.posts + excluded.posts`);
}

/** Deletes days older than `days`, and the rarest values of today and yesterday: each process keeps 8 of a trait. */
export async function tidyCallerDays(db: LedgerDb, days: number): Promise<void> {
  await db.execute(sql`delete from caller_days where day_at < now() - make_interval(days => ${days})`);
  await db.execute(sql`
    delete from caller_days d using (
      select day_at, client_id, trait, value,
        row_number() over (partition by day_at, client_id, trait order by requests desc, value) as place
      from caller_days where day_at >= now() - interval '2 days'
    ) ranked
    where ranked.place > ${MAX_VALUES} and d.day_at = ranked.day_at and d.client_id = ranked.client_id
      and d.trait = ranked.trait and d.value = ranked.value`);
}
