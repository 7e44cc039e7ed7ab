/** Counts by route and hour in PostgreSQL. Batches are added once; reports are sums over hours. */

import { sql } from 'drizzle-orm';
import type {
  CountingBatch,
  CountingLedger,
  CountingOutcome,
  CountingReport,
  StoredHour,
} from '../../../report/routes/port.ts';
import { addCallerDays, tidyCallerDays } from '../callers/caller-days.ts';
import { type LedgerDb, orLedgerFailure, rowsOf } from '../connection/db.ts';
import { addExposures, tidyExposures } from './exposures.ts';

/** Hours are kept for a quarter of a year. */
const KEEP_DAYS = 92;
/** Path shapes kept per hour, and shapes per report. */
const MAX_PATHS = 100;
/** A source cleans up with its first batch and every N batches after it, about once an hour. */
const TIDY_EVERY = 360;

/** @param callerDays how long traits of unknown callers are kept. */
export function postgresCountingLedger(db: LedgerDb, callerDays = 30): CountingLedger {
  return {
    add: (batch) =>
      orLedgerFailure('counts by route could not be added to the ledger', addBatch(db, batch, callerDays)),
    report: (fromMs, toMs) => orLedgerFailure('counts by route could not be read', report(db, fromMs, toMs)),
    hours: (route, fromMs, toMs) =>
      orLedgerFailure('counts of a route could not be read', hoursOf(db, route, fromMs, toMs)),
  };
}

async function addBatch(db: LedgerDb, batch: CountingBatch, callerDays: number): Promise<void> {
  await db.transaction(async (tx) => {
    if (!(await isNew(tx, batch))) return;
    await addHours(tx, batch);
    await addCallerDays(tx, batch.callers ?? []);
    await addExposures(tx, batch.exposures ?? []);
  });
  if (batch.sequence % TIDY_EVERY === 1) await tidy(db, callerDays);
}

async function isNew(tx: LedgerDb, { source, sequence }: CountingBatch): Promise<boolean> {
  const rows = await rowsOf(
    tx,
    sql`insert into counting_sources (id, last_sequence, seen_at) values (${source}, ${sequence}, now())
        on conflict (id) do update set last_sequence = excluded.last_sequence, seen_at = excluded.seen_at
        where counting_sources.last_sequence < excluded.last_sequence returning id`,
  );
  return rows.length > 0;
}

/** In key order, so that sources that add to the same rows cannot deadlock. */
async function addHours(tx: LedgerDb, { hours }: CountingBatch): Promise<void> {
  const routes = hours.flatMap(({ hourMs, lastMs, routes }) =>
    routes.map((sums) => ({ ...sums, hour_at: iso(hourMs), last_at: iso(lastMs) })),
  );
  await tx.execute(sql`
    insert into counting_hours (hour_at, route, outcome, responses, posts, bytes, last_at)
    select hour_at, route, outcome, responses, posts, bytes, last_at
    from jsonb_to_recordset(${JSON.stringify(routes)}::jsonb) as r(hour_at timestamptz, route text, outcome text,
      responses bigint, posts bigint, bytes bigint, last_at timestamptz)
    order by hour_at, route, outcome
    on conflict (hour_at, route, outcome) do update set
      responses = counting_hours.responses + excluded.responses, posts = counting_hours.posts + excluded.posts,
      bytes = counting_hours.bytes + excluded.bytes, last_at = greatest(counting_hours.last_at, excluded.last_at)`);
  const paths = hours.flatMap(({ hourMs, paths }) =>
    paths.map((sums) => ({ ...sums, hour_at: iso(hourMs) })),
  );
  if (paths.length === 0) return;
  await tx.execute(sql`
    insert into unmatched_paths (hour_at, path, responses, bytes)
    select hour_at, path, responses, bytes
    from jsonb_to_recordset(${JSON.stringify(paths)}::jsonb) as p(hour_at timestamptz, path text, responses bigint,
      bytes bigint)
    order by hour_at, path
    on conflict (hour_at, path) do update set
      responses = unmatched_paths.responses + excluded.responses, bytes = unmatched_paths.bytes + excluded.bytes`);
}

/** Deletes old hours, inactive sources, and the rarest path shapes of each finished hour. */
async function tidy(db: LedgerDb, callerDays: number): Promise<void> {
  await tidyCallerDays(db, callerDays);
  const before = sql`now() - make_interval(days => ${KEEP_DAYS})`;
  await db.execute(sql`delete from counting_hours where hour_at < ${before}`);
  await db.execute(sql`delete from unmatched_paths where hour_at < ${before}`);
  await db.execute(sql`delete from counting_sources where seen_at < ${before}`);
  await tidyExposures(db, KEEP_DAYS);
  await db.execute(sql`
    delete from unmatched_paths p using (
      select hour_at, path, row_number() over (partition by hour_at order by responses desc, path) as place
      from unmatched_paths
      where hour_at >= now() - interval '1 day' and hour_at < date_trunc('hour', now()) - interval '1 hour'
    ) ranked
    where ranked.place > ${MAX_PATHS} and p.hour_at = ranked.hour_at and p.path = ranked.path`);
}

async function report(db: LedgerDb, fromMs: number, toMs: number): Promise<CountingReport> {
  const [from, to] = [iso(fromMs), iso(toMs)];
  const [first] = await rowsOf(
    db,
    sql`select extract(epoch from min(hour_at))::float8 * 1000 as since_ms from counting_hours`,
  );
  const routes = await rowsOf(
    db,
    sql`select route, outcome, sum(responses)::float8 as responses, sum(posts)::float8 as posts,
          sum(bytes)::float8 as bytes, extract(epoch from max(last_at))::float8 * 1000 as last_ms
        from counting_hours where hour_at >= ${from}::timestamptz and hour_at < ${to}::timestamptz
        group by route, outcome order by route, outcome`,
  );
  const paths = await rowsOf(
    db,
    sql`select path, sum(responses)::float8 as responses, sum(bytes)::float8 as bytes
        from unmatched_paths where hour_at >= ${from}::timestamptz and hour_at < ${to}::timestamptz
        group by path order by sum(responses) desc, path limit ${MAX_PATHS}`,
  );
  return {
    sinceMs: first?.since_ms == null ? null : Number(first.since_ms),
    routes: routes.map((row) => ({
      route: String(row.route),
      outcome: String(row.outcome) as CountingOutcome,
      responses: Number(row.responses),
      posts: Number(row.posts),
      bytes: Number(row.bytes),
      lastMs: Number(row.last_ms),
    })),
    paths: paths.map((row) => ({
      path: String(row.path),
      responses: Number(row.responses),
      bytes: Number(row.bytes),
    })),
  };
}

async function hoursOf(db: LedgerDb, route: string, fromMs: number, toMs: number): Promise<StoredHour[]> {
  const rows = await rowsOf(
    db,
    sql`select extract(epoch from hour_at)::float8 * 1000 as hour_ms, outcome, responses::float8, posts::float8,
          bytes::float8
        from counting_hours
        where route = ${route} and hour_at >= ${iso(fromMs)}::timestamptz and hour_at < ${iso(toMs)}::timestamptz
        order by hour_at, outcome`,
  );
  return rows.map((row) => ({
    route,
    hourMs: Number(row.hour_ms),
    outcome: String(row.outcome) as CountingOutcome,
    responses: Number(row.responses),
    posts: Number(row.posts),
    bytes: Number(row.bytes),
  }));
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
