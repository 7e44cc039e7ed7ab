/** Reads usage for what-ifs in few, compact rows: a row per bucket would cost most of the time in the driver. */

import { and, eq, gt, inArray, sql } from 'drizzle-orm';
import type { DeliveriesAt, PostsAt } from '../../../tariff/posts.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { uniqueBuckets, usage } from '../schema.ts';
import { type BucketSpan, bucketsIn } from '../usage/bucket-span.ts';

/** Posts of each client by UTC day within the span. Clients without posts are absent. */
export async function daysOf(
  db: LedgerDb,
  clientIds: readonly string[],
  span: BucketSpan,
): Promise<Map<string, PostsAt[]>> {
  const day = sql`date_trunc('day', ${usage.bucketAt}, 'UTC')`;
  const rows = await db
    .select({
      clientId: usage.clientId,
      bucketMs: sql`extract(epoch from ${day}) * 1000`.mapWith(Number).as('day_ms'),
      posts: sql`sum(${usage.posts})`.mapWith(Number),
    })
    .from(usage)
    .where(and(inArray(usage.clientId, [...clientIds]), bucketsIn(usage.bucketAt, span), gt(usage.posts, 0)))
    .groupBy(usage.clientId, sql`day_ms`);
  const days = new Map<string, PostsAt[]>();
  for (const { clientId, ...at } of rows) {
    const ofClient = days.get(clientId);
    if (ofClient === undefined) days.set(clientId, [at]);
    else ofClient.push(at);
  }
  return days;
}

/** Posts of a client by bucket within the span, in order of time, all buckets in one row. */
export async function servedOf(db: LedgerDb, clientId: string, span: BucketSpan): Promise<DeliveriesAt[]> {
  const [row] = await rowsOf(
    db,
    sql`
    select string_agg(at || ' ' || posts, ',' order by at) as buckets from (
      select extract(epoch from ${usage.bucketAt})::bigint as at, sum(${usage.posts}) as posts from ${usage}
      where ${and(eq(usage.clientId, clientId), bucketsIn(usage.bucketAt, span), gt(usage.posts, 0))}
      group by ${usage.bucketAt}) as served`,
  );
  const repeats = await repeatsOf(db, clientId, span);
  const text = row?.buckets;
  if (typeof text !== 'string') return [];
  return text.split(',').map((bucket) => {
    const gap = bucket.indexOf(' ');
    const bucketMs = Number(bucket.slice(0, gap)) * 1000;
    const posts = Number(bucket.slice(gap + 1));
    const repeated = repeats.get(bucketMs);
    return repeated === undefined ? { bucketMs, posts } : { bucketMs, posts, uniquePosts: posts - repeated };
  });
}

/** Deliveries of a post after its first of the day, by bucket. Empty unless a tariff counts unique posts. */
async function repeatsOf(db: LedgerDb, clientId: string, span: BucketSpan): Promise<Map<number, number>> {
  const { identified, firstPosts, bucketAt } = uniqueBuckets;
  const rows = await db
    .select({ bucketAt, repeats: sql`${identified} - ${firstPosts}`.mapWith(Number) })
    .from(uniqueBuckets)
    .where(and(eq(uniqueBuckets.clientId, clientId), bucketsIn(bucketAt, span)));
  return new Map(rows.map((row) => [row.bucketAt.getTime(), row.repeats]));
}
