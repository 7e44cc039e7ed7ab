/** Unique posts in the ledger, for any order and batching of usage and for concurrent gateways. */

import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerConnection } from '../../../../src/adapters/postgres/connection/db.ts';
import {
  clients,
  tariffVersions,
  uniqueBuckets,
  uniquePosts,
} from '../../../../src/adapters/postgres/schema.ts';
import { postgresUsageLedger } from '../../../../src/adapters/postgres/usage/ledger.ts';
import { uniqueDaysOf } from '../../../../src/adapters/postgres/usage/unique-days.ts';
import { MAX_EXACT_POSTS } from '../../../../src/meter/unique/day-posts.ts';
import { STANDARD_ERROR } from '../../../../src/meter/unique/sketch.ts';
import type { Usage } from '../../../../src/meter/usage.ts';
import { DEFAULT_TARIFF } from '../../../../src/tariff/tariff.ts';
import { tariffToJson } from '../../../../src/tariff/terms.ts';
import { idsOf } from '../../../meter/unique/ids.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../empty-ledger.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Ten minutes before midnight. */
const T0 = Date.UTC(2026, 2, 1, 23, 50);

interface Served {
  readonly minute: number;
  readonly names: readonly number[];
  /** Deliveries without an id. */
  readonly others: number;
  readonly identifierId: string;
}

const served: fc.Arbitrary<Served> = fc.record({
  minute: fc.integer({ min: 0, max: 19 }),
  names: fc.array(fc.integer({ min: 0, max: 15 }), { maxLength: 6 }),
  others: fc.integer({ min: 0, max: 2 }),
  identifierId: fc.constantFrom('x', 'y'),
});

function usageOf(clientId: string, { minute, names, others, identifierId }: Served): Usage {
  const bucketMs = T0 + minute * MINUTE_MS;
  const ids = names.length === 0 ? {} : { ids: idsOf(names) };
  const figures = { requests: 1, refused: 0, bytes: 9, uncounted: 0 };
  return { clientId, identifierId, bucketMs, posts: names.length + others, ...figures, ...ids };
}

/** By day and by bucket, one post after the other in order of time. */
function slowly(rows: readonly Served[]) {
  const days = new Map<number, { posts: Set<number>; withoutId: number }>();
  const buckets = new Map<number, { identified: number; firstPosts: number }>();
  for (const { minute, names, others } of rows.toSorted((a, b) => a.minute - b.minute)) {
    const bucketMs = T0 + minute * MINUTE_MS;
    const dayMs = Math.floor(bucketMs / DAY_MS) * DAY_MS;
    if (names.length + others === 0) continue;
    const day = days.get(dayMs) ?? { posts: new Set(), withoutId: 0 };
    days.set(dayMs, day);
    day.withoutId += others;
    if (names.length === 0) continue;
    const bucket = buckets.get(bucketMs) ?? { identified: 0, firstPosts: 0 };
    buckets.set(bucketMs, bucket);
    for (const name of names) {
      bucket.identified++;
      if (!day.posts.has(name)) bucket.firstPosts++;
      day.posts.add(name);
    }
  }
  return {
    days: [...days].map(([dayMs, { posts, withoutId }]) => ({
      dayMs,
      posts: posts.size,
      isExact: true,
      withoutId,
    })),
    buckets: [...buckets].map(([atMs, figures]) => ({ atMs, ...figures })),
  };
}

describe.each(LEDGER_KINDS)('unique posts in %s', (kind) => {
  let made: EmptyLedger;
  const connections: LedgerConnection[] = [];
  let journals = 0;

  beforeAll(async () => {
    made = await emptyLedger(kind, 'unique');
    connections.push(made.ledger, await made.another());
  });
  afterAll(() => made.drop());

  /** Alternates between two gateways. Each list of rows is a batch. */
  async function take(batches: readonly (readonly Usage[])[], atOnce = false): Promise<void> {
    const gateways = connections.map(({ db }) => ({
      ledger: postgresUsageLedger(db),
      id: `j${++journals}`,
      last: 0,
    }));
    const shares = gateways.map((_, turn) => batches.filter((_batch, index) => index % 2 === turn));
    const ship = async (turn: number, from: number, to: number) => {
      const gateway = gateways[turn]!;
      for (const usage of shares[turn]!.slice(from, to)) {
        const sequence = ++gateway.last;
        const batch = { journalId: gateway.id, firstSequence: sequence, lastSequence: sequence, usage };
        expect(await gateway.ledger.take(batch)).toBe(sequence);
        // The batch is offered again, as after a lost confirmation.
        expect(await gateway.ledger.take(batch)).toBe(sequence);
      }
    };
    if (atOnce) await Promise.all([ship(0, 0, batches.length), ship(1, 0, batches.length)]);
    else
      for (let at = 0; at < batches.length; at++)
        await ship(at % 2, Math.floor(at / 2), Math.floor(at / 2) + 1);
  }

  async function clientWith(count: 'deliveries' | 'unique', validFromMs = 0): Promise<string> {
    const id = v7();
    const { db } = made.ledger;
    await db.insert(clients).values({ id, name: id, source: 'operator' });
    await db.insert(tariffVersions).values({
      id: v7(),
      clientId: id,
      version: 1,
      validFrom: new Date(validFromMs),
      terms: tariffToJson({ ...DEFAULT_TARIFF, count }),
      createdBy: 'test',
      reason: 'test',
    });
    return id;
  }

  const daysOf = async (clientId: string) =>
    (await uniqueDaysOf(made.ledger.db, [{ clientId, fromMs: T0, toMs: T0 + 20 * MINUTE_MS }]))[0];
  const bucketsOf = async (clientId: string) => {
    const rows = await made.ledger.db
      .select()
      .from(uniqueBuckets)
      .where(eq(uniqueBuckets.clientId, clientId))
      .orderBy(uniqueBuckets.bucketAt);
    return rows.map(({ bucketAt, identified, firstPosts }) => ({
      atMs: bucketAt.getTime(),
      identified,
      firstPosts,
    }));
  };
  const postsOf = (clientId: string) =>
    made.ledger.db.select().from(uniquePosts).where(eq(uniquePosts.clientId, clientId));

  test('are the same in every order and batching, replayed and from two gateways', async () => {
    const lives = fc.array(fc.array(served, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(lives, fc.boolean(), async (batches, atOnce) => {
        const clientId = await clientWith('unique');
        await take(
          batches.map((rows) => rows.map((row) => usageOf(clientId, row))),
          atOnce,
        );
        const expected = slowly(batches.flat());
        expect(await daysOf(clientId)).toEqual(expected.days);
        expect(await bucketsOf(clientId)).toEqual(expected.buckets);
        const perBucket = (await postsOf(clientId)).length;
        expect(perBucket).toBe(expected.days.reduce((sum, day) => sum + day.posts, 0));
      }),
      { numRuns: 15 },
    );
  });

  test('are reported for every client, and stored one by one only under a tariff that bills them', async () => {
    const clientId = await clientWith('deliveries');
    const row = { minute: 0, names: [1, 2, 2, 3], others: 5, identifierId: 'x' };
    await take([[usageOf(clientId, row), usageOf('addr:192.0.2.77', row)]]);
    const shown = [{ dayMs: Date.UTC(2026, 2, 1), posts: 3, isExact: true, withoutId: 5 }];
    expect([await daysOf(clientId), await daysOf('addr:192.0.2.77')]).toEqual([shown, shown]);
    expect([...(await postsOf(clientId)), ...(await bucketsOf(clientId))]).toEqual([]);
  });

  test('are stored from the moment at which the tariff counts them', async () => {
    const clientId = await clientWith('unique', T0 + 5 * MINUTE_MS);
    const row = (minute: number) =>
      usageOf(clientId, { minute, names: [1, 2], others: 0, identifierId: 'x' });
    await take([[row(6)], [row(4)], [row(5)]]);
    expect(await bucketsOf(clientId)).toEqual([
      { atMs: T0 + 5 * MINUTE_MS, identified: 2, firstPosts: 2 },
      { atMs: T0 + 6 * MINUTE_MS, identified: 2, firstPosts: 0 },
    ]);
  });

  test('are an estimate over the limit, and exact if they are billed', async () => {
    const shown = await clientWith('deliveries');
    const billed = await clientWith('unique');
    const count = 3 * MAX_EXACT_POSTS;
    const rows = (clientId: string) =>
      [0, 1, 2, 1].map((part) => [
        usageOf(clientId, {
          minute: part,
          names: Array.from({ length: MAX_EXACT_POSTS }, (_, at) => part * MAX_EXACT_POSTS + at),
          others: 1,
          identifierId: 'x',
        }),
      ]);
    await take([...rows(shown), ...rows(billed)]);
    const [estimate] = (await daysOf(shown))!;
    expect(estimate).toMatchObject({ isExact: false, withoutId: 4 });
    expect(Math.abs(estimate!.posts / count - 1)).toBeLessThan(4 * STANDARD_ERROR);
    expect(await daysOf(billed)).toEqual([
      { dayMs: Date.UTC(2026, 2, 1), posts: count, isExact: true, withoutId: 4 },
    ]);
  });

  test('are complete if gateways add to the same clients in opposite order at once', async () => {
    const ids = await Promise.all(Array.from({ length: 12 }, () => clientWith('unique')));
    const batches = Array.from({ length: 12 }, (_, batch) =>
      (batch % 2 === 0 ? ids : ids.toReversed()).map((clientId) =>
        usageOf(clientId, { minute: 12 - batch, names: [batch, 100], others: 0, identifierId: 'x' }),
      ),
    );
    await take(batches, true);
    const days = await uniqueDaysOf(
      made.ledger.db,
      ids.map((clientId) => ({ clientId, fromMs: T0, toMs: T0 + 20 * MINUTE_MS })),
    );
    // Batches 0 to 2 are after midnight.
    expect(days.map((both) => both.map(({ posts }) => posts))).toEqual(ids.map(() => [10, 4]));
    for (const clientId of ids) {
      const buckets = await bucketsOf(clientId);
      expect(buckets.every(({ identified }) => identified === 2)).toBe(true);
      expect(buckets.map(({ firstPosts }) => firstPosts)).toEqual([2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1]);
    }
  });
});
