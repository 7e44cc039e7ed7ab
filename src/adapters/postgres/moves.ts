/** The moves of identifiers between clients, as the ledger keeps them: read with every batch, applied for good. */

import { asc, inArray, sql } from 'drizzle-orm';
import type { Move } from '../../meter/moves.ts';
import type { Usage } from '../../meter/usage.ts';
import type { LedgerDb } from './db.ts';
import { moves } from './schema.ts';

/** "moves" in hexadecimal of ASCII: shared by those who add usage, alone for who moves it. */
const LOCK = 0x6d6f766573;

/**
 * The moves that concern this usage, in their order. Until the transaction ends nobody moves usage: a move waits for
 * what is being added and then finds it, and what is added after it finds the move.
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

/** Waits for those who add usage, and keeps them out until the transaction ends. */
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
