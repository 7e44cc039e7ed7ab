/** Moves of identifiers between clients: stored in the ledger, read with every batch, and permanent. */

import { asc, gt, inArray, sql } from 'drizzle-orm';
import type { Move } from '../../../meter/moves.ts';
import type { MovedPosts } from '../../../meter/port.ts';
import type { Usage } from '../../../meter/usage.ts';
import type { LedgerDb } from '../connection/db.ts';
import { movedPosts, moves } from '../schema.ts';

/** "moves" in ASCII hex. Transactions that add usage share the lock; one that moves usage holds it exclusively. */
const LOCK = 0x6d6f766573;
/** Held by one transaction at a time, so that sequences are committed in order. */
const SEQUENCE_LOCK = LOCK + 1;

/**
 * Returns the moves that affect this usage, in order. No process can move usage until the transaction ends: a move
 * waits for usage that is being added and then finds it, and usage added later finds the move.
 */
export async function movesOf(tx: LedgerDb, usage: readonly Usage[]): Promise<Move[]> {
  await tx.execute(sql`select pg_advisory_xact_lock_shared(${LOCK})`);
  const identifiers = [...new Set(usage.map(({ identifierId }) => identifierId))];
  const rows = await tx
    .select()
    .from(moves)
    .where(inArray(moves.identifierId, identifiers))
    .orderBy(asc(moves.id));
  return rows.map(moveOf);
}

/** Waits for transactions that add usage, and blocks new ones until this transaction ends. */
export async function lockMoves(tx: LedgerDb): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${LOCK})`);
}

export function moveOf(row: typeof moves.$inferSelect): Move {
  const { identifierId, fromClientId, toClientId, fromAt, toAt } = row;
  return {
    identifierId,
    fromClientId,
    toClientId,
    fromMs: fromAt.getTime(),
    toMs: toAt?.getTime() ?? Number.POSITIVE_INFINITY,
  };
}

/**
 * Records what was moved, for the windows. Call it last in a transaction, because others that record a move wait
 * for its end.
 */
export async function addMovedPosts(
  tx: LedgerDb,
  moved: readonly Omit<MovedPosts, 'sequence'>[],
): Promise<void> {
  const some = moved.filter(({ posts }) => posts.length > 0);
  if (some.length === 0) return;
  await tx.execute(sql`select pg_advisory_xact_lock(${SEQUENCE_LOCK})`);
  const last = await lastMovedPosts(tx);
  const rows = some.map(({ posts, fromClientId, toClientId }, index) => ({
    ...{ sequence: last + index + 1, fromClientId, toClientId },
    buckets: posts.map(({ bucketMs, posts: count }) => [bucketMs, count]),
  }));
  // One parameter: thousands of callers may move at once.
  await tx.execute(sql`
    insert into moved_posts (sequence, from_client_id, to_client_id, buckets)
    select sequence, "fromClientId", "toClientId", buckets
    from json_to_recordset(${JSON.stringify(rows)}::json) as moved (
      sequence bigint, "fromClientId" text, "toClientId" text, buckets jsonb)`);
}

/** 0 if nothing was ever moved. */
export async function lastMovedPosts(db: LedgerDb): Promise<number> {
  const last = sql`coalesce(max(${movedPosts.sequence}), 0)`.mapWith(Number);
  const [row] = await db.select({ last }).from(movedPosts);
  return row!.last;
}

/** Implements `UsageLedger.movedPosts`. */
export async function movedPostsAfter(
  db: LedgerDb,
  afterSequence: number,
  limit: number,
): Promise<MovedPosts[]> {
  const rows = await db
    .select()
    .from(movedPosts)
    .where(gt(movedPosts.sequence, afterSequence))
    .orderBy(asc(movedPosts.sequence))
    .limit(limit);
  return rows.map(({ buckets, ...row }) => ({
    ...row,
    posts: buckets.map(([bucketMs, posts]) => ({ bucketMs, posts })),
  }));
}
