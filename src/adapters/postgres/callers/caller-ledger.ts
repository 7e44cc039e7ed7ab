/** Reads the usage and traits of unknown callers. Hour by hour, because the embedded ledger holds up the gateway meanwhile. */

import { sql } from 'drizzle-orm';
import type { CallerHour, CallerLedger, CallerTrait, GroupMember, TraitSums } from '../../../callers/port.ts';
import type { PostsAt } from '../../../tariff/posts.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export function postgresCallerLedger(db: LedgerDb): CallerLedger {
  return {
    hours: (fromMs, toMs) => hours(db, fromMs, toMs),
    traits: (fromMs, toMs) => traits(db, fromMs, toMs),
    minutes: (members, fromMs, toMs) => minutes(db, members, fromMs, toMs),
  };
}

async function* hours(db: LedgerDb, fromMs: number, toMs: number): AsyncGenerator<CallerHour[]> {
  for (const [startMs, endMs] of spans(fromMs, toMs, HOUR_MS)) {
    const rows = await rowsOf(
      db,
      sql`select client_id, sum(posts)::float8 as posts, sum(requests)::float8 as requests from usage
          where bucket_at >= ${iso(startMs)}::timestamptz and bucket_at < ${iso(endMs)}::timestamptz
            and (client_id like 'addr:%' or client_id like 'net:%')
          group by client_id`,
    );
    const hourMs = Math.floor(startMs / HOUR_MS) * HOUR_MS;
    yield rows.map((row) => ({
      clientId: String(row.client_id),
      hourMs,
      posts: Number(row.posts),
      requests: Number(row.requests),
    }));
  }
}

async function traits(db: LedgerDb, fromMs: number, toMs: number): Promise<TraitSums[]> {
  const firstDay = Math.floor(fromMs / DAY_MS) * DAY_MS;
  const rows = await rowsOf(
    db,
    sql`select client_id, trait, value, sum(requests)::float8 as requests, sum(posts)::float8 as posts
        from caller_days where day_at >= ${iso(firstDay)}::timestamptz and day_at < ${iso(toMs)}::timestamptz
        group by client_id, trait, value`,
  );
  return rows.map((row) => ({
    clientId: String(row.client_id),
    trait: String(row.trait) as CallerTrait,
    value: String(row.value),
    requests: Number(row.requests),
    posts: Number(row.posts),
  }));
}

async function minutes(
  db: LedgerDb,
  members: readonly GroupMember[],
  fromMs: number,
  toMs: number,
): Promise<Map<number, PostsAt[]>> {
  const found = new Map<number, PostsAt[]>();
  if (members.length === 0) return found;
  const rows = await rowsOf(
    db,
    sql`select member."group", extract(epoch from bucket_at)::float8 * 1000 as bucket_ms, sum(posts)::float8 as posts
        from json_to_recordset(${JSON.stringify(members)}::json) as member("group" int, "clientId" text)
        join usage on client_id = member."clientId" and bucket_at >= ${iso(fromMs)}::timestamptz
          and bucket_at < ${iso(toMs)}::timestamptz and posts > 0
        group by 1, bucket_at order by 1, bucket_at`,
  );
  for (const row of rows) {
    const group = Number(row.group);
    const posts = found.get(group) ?? [];
    found.set(group, posts);
    posts.push({ bucketMs: Number(row.bucket_ms), posts: Number(row.posts) });
  }
  return found;
}

/** Cuts [fromMs, toMs) at whole multiples of `lengthMs`. */
function* spans(fromMs: number, toMs: number, lengthMs: number): Generator<[fromMs: number, toMs: number]> {
  for (let startMs = fromMs; startMs < toMs; ) {
    const endMs = Math.min(toMs, Math.floor(startMs / lengthMs + 1) * lengthMs);
    yield [startMs, endMs];
    startMs = endMs;
  }
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
