/** The ledger's side of metering: takes each batch of usage once, and returns the posts that rebuild a window. */

import { eq, sql } from 'drizzle-orm';
import {
  type ClientBucketPosts,
  MOVES_JOURNAL,
  type PostsPage,
  type UsageLedger,
} from '../../../meter/port.ts';
import { holdClients } from '../billing-holds.ts';
import { type LedgerDb, ledgerFailure, orLedgerFailure, rowsOf, sqlStateOf } from '../connection/db.ts';
import { journals } from '../schema.ts';
import { takenBatches } from './batches.ts';
import { lastMovedPosts, movedPostsAfter } from './moves.ts';
import { skipLostIn, takeIn } from './take.ts';

export interface UsageLedgerOptions {
  /**
   * Pages of `posts` read ahead of the consumer. Default 1. On PGlite it must be Infinity: its single session would
   * otherwise stay in the reading transaction while the consumer works, and a consumer that writes would wait for
   * itself.
   */
  readonly aheadPages?: number;
}

/**
 * Two gateways that add to the same clients may collide. The whole take is repeated, because nothing of it was
 * kept.
 */
const COLLISIONS = new Set(['40001' /* serialization_failure */, '40P01' /* deadlock_detected */]);
const MAX_TRIES = 5;
const PAGE_ROWS = 10_000;

/** Measured on two busy cores: a batch of 10,000 rows takes 0.25 s on PostgreSQL 15 and 0.65 s on PGlite. */
export function postgresUsageLedger(db: LedgerDb, options: UsageLedgerOptions = {}): UsageLedger {
  return {
    take: (batch) =>
      orLedgerFailure(
        'usage could not be added to the ledger',
        retryCollisions(() => db.transaction((tx) => takeIn(tx, batch))),
      ),
    lastSequence: (journalId) =>
      orLedgerFailure('the journal could not be looked up in the ledger', lastSequence(db, journalId)),
    posts: (fromMs) => pages(db, fromMs, options.aheadPages ?? 1),
    taken: (journalId, afterSequence, limit) =>
      orLedgerFailure(
        'the batches of a journal could not be read',
        takenBatches(db, journalId, afterSequence, limit),
      ),
    skipLost: (journalId, firstSequence, lastSequence, reason) =>
      orLedgerFailure(
        'lost records could not be skipped',
        db.transaction((tx) => skipLostIn(tx, { journalId, firstSequence, lastSequence }, reason)),
      ),
    holdClients: (holds) =>
      orLedgerFailure(
        'billing holds could not be stored',
        db.transaction((tx) => holdClients(tx, holds, 'postmeter')),
      ),
    clockMs: () => orLedgerFailure("the ledger's clock could not be read", clockMs(db)),
    movedPosts: (afterSequence, limit) =>
      orLedgerFailure(
        'moved posts could not be read from the ledger',
        movedPostsAfter(db, afterSequence, limit),
      ),
  };
}

async function lastSequence(db: LedgerDb, journalId: string): Promise<number> {
  const [row] = await db.select().from(journals).where(eq(journals.id, journalId));
  return row?.lastSequence ?? 0;
}

/** The current time, not the start of the transaction. */
async function clockMs(db: LedgerDb): Promise<number> {
  const [row] = await rowsOf(
    db,
    sql`select floor(extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms`,
  );
  return Number(row?.now_ms);
}

async function retryCollisions<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === MAX_TRIES || !COLLISIONS.has(sqlStateOf(error) ?? '')) throw error;
    }
  }
}

/** Breaking out of the iteration ends the transaction. */
async function* pages(db: LedgerDb, fromMs: number, aheadPages: number): AsyncGenerator<PostsPage> {
  const { readable, writable } = new TransformStream<PostsPage, PostsPage>(undefined, undefined, {
    highWaterMark: aheadPages,
  });
  const writer = writable.getWriter();
  const reading = db
    .transaction((tx) => readPages(tx, fromMs, (page) => writer.write(page)), {
      isolationLevel: 'repeatable read',
      accessMode: 'read only',
    })
    .then(() => writer.close())
    .catch((error) => writer.abort(ledgerFailure('posts could not be read from the ledger', error)));
  try {
    yield* readable;
  } finally {
    await reading;
  }
}

async function readPages(
  tx: LedgerDb,
  fromMs: number,
  write: (page: PostsPage) => Promise<void>,
): Promise<void> {
  const known = await tx.select().from(journals);
  const sequences = new Map(known.map((journal) => [journal.id, journal.lastSequence]));
  sequences.set(MOVES_JOURNAL, await lastMovedPosts(tx));
  // The whole result will be read; by default the planner optimises for the first tenth. DECLARE takes no
  // parameters.
  await tx.execute(sql`set local cursor_tuple_fraction = 1`);
  await tx.execute(sql`
    declare window_posts no scroll cursor for
    select client_id, extract(epoch from bucket_at)::float8 * 1000 as bucket_ms, sum(posts)::float8 as posts
    from usage where bucket_at >= ${sql.raw(`'${new Date(fromMs).toISOString()}'`)} and posts > 0
    group by client_id, bucket_at order by client_id, bucket_at`);
  let rows: number;
  let first = true;
  do {
    const fetched = await rowsOf(tx, sql`fetch forward ${sql.raw(String(PAGE_ROWS))} from window_posts`);
    rows = fetched.length;
    if (first || rows > 0) await write({ sequences, posts: fetched.map(clientPosts) });
    first = false;
  } while (rows === PAGE_ROWS);
}

function clientPosts(row: Record<string, unknown>): ClientBucketPosts {
  return {
    clientId: String(row.client_id),
    bucketMs: Number(row.bucket_ms),
    posts: Number(row.posts),
  };
}
