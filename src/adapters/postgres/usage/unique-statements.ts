/**
 * The statements that add the ids of a batch: to the day's distinct posts of every client, and one by one for
 * clients whose tariff counts unique posts.
 *
 * Stored values are read, merged here and written back, so each client and day is locked first, in key order. All
 * changes of a transaction here are protected by these locks. Merging takes a union, a maximum or the earlier
 * bucket, so the result does not depend on the order of arrival.
 *
 * Measured on PGlite, CPU: 0.3 ms for a client and day that gains 20 ids, 10 ms for a sketch that gains 2,000.
 */

import { sql } from 'drizzle-orm';
import { countOf, fromBytes, NO_POSTS, toBytes, withPosts } from '../../../meter/unique/day-posts.ts';
import { union } from '../../../meter/unique/hashes.ts';
import { type PostIdDay, postIdDays } from '../../../meter/unique/post-ids.ts';
import type { Usage } from '../../../meter/usage.ts';
import { addBilledPosts } from '../billing/unique-billed.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';

/** Days read and written at once: 32 MB if each has its maximum size. */
const DAYS_AT_ONCE = 1000;

/** Runs in the transaction that takes the batch, after its clients exist. */
export async function addUniquePosts(tx: LedgerDb, usage: readonly Usage[]): Promise<void> {
  const days = postIdDays(usage);
  for (let at = 0; at < days.length; at += DAYS_AT_ONCE) await addDays(tx, days.slice(at, at + DAYS_AT_ONCE));
  if (days.length > 0) await addBilledPosts(tx, days);
}

async function addDays(tx: LedgerDb, days: readonly PostIdDay[]): Promise<void> {
  const stored = await lockDays(tx, days);
  const merged = days.map((day) => {
    const before = stored.get(keyOf(day)) ?? NO_POSTS;
    const after = withPosts(before, union(day.buckets.map(({ hashes }) => hashes)));
    const identified = day.buckets.reduce((sum, bucket) => sum + bucket.identified, 0);
    const key = { clientId: day.clientId, dayMs: day.dayMs, identified };
    if (after === before) return key;
    const ids = Buffer.from(toBytes(after)).toString('base64');
    return { ...key, posts: countOf(after), isExact: after.isExact, ids };
  });
  await tx.execute(sql`
    update unique_days set identified = unique_days.identified + merged.identified,
      posts = coalesce(merged.posts, unique_days.posts),
      is_exact = coalesce(merged."isExact", unique_days.is_exact),
      ids = coalesce(decode(merged.ids, 'base64'), unique_days.ids)
    from json_to_recordset(${JSON.stringify(merged)}::json) as merged (
      "clientId" text, "dayMs" bigint, identified bigint, posts bigint, "isExact" boolean, ids text)
    where unique_days.client_id = merged."clientId" and unique_days.day_at = to_timestamp(merged."dayMs" / 1000.0)`);
}

/** Creates new days first, because they must be locked before they are read. */
async function lockDays(tx: LedgerDb, days: readonly PostIdDay[]) {
  const keys = sql`json_to_recordset(${JSON.stringify(
    days.map(({ clientId, dayMs }) => ({ clientId, dayMs })),
  )}::json) as asked ("clientId" text, "dayMs" bigint)`;
  await tx.execute(sql`
    insert into unique_days (client_id, day_at, posts, is_exact, identified, ids)
    select "clientId", to_timestamp("dayMs" / 1000.0), 0, true, 0, '' from ${keys}
    where not exists (
      select from unique_days
      where unique_days.client_id = "clientId" and unique_days.day_at = to_timestamp("dayMs" / 1000.0))
    order by 1, 2
    on conflict (client_id, day_at) do nothing`);
  const rows = await rowsOf(
    tx,
    sql`
    select "clientId", "dayMs"::float8 as "dayMs", is_exact, ids
    from ${keys}
    join unique_days on unique_days.client_id = "clientId" and unique_days.day_at = to_timestamp("dayMs" / 1000.0)
    order by client_id, day_at
    for update of unique_days`,
  );
  return new Map(
    rows.map((row) => [
      keyOf({ clientId: String(row.clientId), dayMs: Number(row.dayMs) }),
      fromBytes(row.ids as Uint8Array, row.is_exact === true),
    ]),
  );
}

function keyOf({ clientId, dayMs }: Pick<PostIdDay, 'clientId' | 'dayMs'>): string {
  return `${dayMs} ${clientId}`;
}
