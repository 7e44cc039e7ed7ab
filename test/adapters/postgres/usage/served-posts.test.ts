/** The posts served to a client are read page by page, all of them and each once, at every page boundary. */

import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliveriesOf } from '../../../../src/adapters/postgres/billing/account.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../empty-ledger.ts';

const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 0, 1);
/** Buckets per read. The product reads 10,000. */
const PAGE = 100;

describe.each(LEDGER_KINDS)('on %s', (kind) => {
  let empty: EmptyLedger;
  beforeAll(async () => {
    empty = await emptyLedger(kind, 'served');
  });
  afterAll(() => empty.drop());

  it.each([0, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 300])('%i buckets', async (buckets) => {
    const { db } = empty.ledger;
    const clientId = `client-${buckets}`;
    const minutes = Math.max(0, buckets + Math.floor((buckets - 1) / 2));
    const start = new Date(START).toISOString();
    await db.execute(sql`insert into clients (id, name, source) values (${clientId}, 'Acme', 'operator')`);
    // Each bucket has two identifiers. After each second one, a bucket contains only refused requests.
    await db.execute(sql`
      insert into usage (client_id, identifier_id, bucket_at, posts, requests, refused, bytes, uncounted)
      select ${clientId}, key, ${start}::timestamptz + at * interval '1 minute', case when at % 3 = 2 then 0 else at + 1 end,
        1, 0, 0, 0
      from generate_series(0, ${minutes}::int - 1) at, unnest(array['x', 'y']) key`);
    await db.execute(sql`
      insert into unique_buckets (client_id, bucket_at, identified, first_posts)
      select client_id, bucket_at, 5, 2 from usage
      where client_id = ${clientId} and identifier_id = 'x' and posts > 0 and posts % 2 = 0`);
    const expected = Array.from({ length: minutes }, (_, at) => at)
      .filter((at) => at % 3 !== 2)
      .map((at) => ({
        bucketMs: START + at * MINUTE_MS,
        posts: 2 * (at + 1),
        uniquePosts: 2 * (at + 1) - ((at + 1) % 2 === 0 ? 3 : 0),
      }));
    expect(expected).toHaveLength(buckets);
    expect(await deliveriesOf(db, clientId, 0, undefined, PAGE)).toEqual(expected);
    const fromMs = START + 7 * MINUTE_MS;
    const later = expected.filter(({ bucketMs }) => bucketMs >= fromMs);
    expect(await deliveriesOf(db, clientId, fromMs, undefined, PAGE)).toEqual(later);
  });
});
