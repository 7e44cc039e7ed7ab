/** Moves an identifier from one client to another, with its usage from a given time on. Billing recomputes both. */

import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Actor, MoveResult, MoveStore, NewMove } from '../../../admin/port.ts';
import { type MoveFacts, moveRefusal } from '../../../identify/move-refusal.ts';
import type { MovedPosts } from '../../../meter/port.ts';
import { MAX_WINDOW_SECONDS } from '../../../tariff/terms.ts';
import { lockAccount } from '../billing/account.ts';
import { tariffVersionOf } from '../billing/rows.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { billingDue, clients, identifiers, moves } from '../schema.ts';
import { versionsOf } from '../tariff-rows.ts';
import { addMovedPosts, lockMoves } from '../usage/moves.ts';
import { ADDED_TO_USAGE } from '../usage/statements.ts';
import { writeAudit } from './audit.ts';
import { lockIdentifiers } from './identifiers.ts';

export function moveStore(db: LedgerDb): MoveStore {
  return {
    moveIdentifier: (move, who) =>
      db.transaction(
        async (tx): Promise<MoveResult> => {
          await lockIdentifiers(tx);
          // Locks before reading, so that a batch in progress finishes first and is found.
          await lockMoves(tx);
          const refusal = moveRefusal(move, await factsOf(tx, move));
          if (refusal !== null) return refusal;
          for (const clientId of [move.fromClientId, move.toClientId].sort()) await lockAccount(tx, clientId);
          const id = await addMove(tx, move, who);
          const posts = await moveUsage(tx, move, who.atMs);
          if (move.untilMs === null) await reassignIdentifier(tx, move);
          await markBoth(tx, move);
          await auditBoth(tx, move, posts, who);
          return { kind: 'moved', id, posts };
        },
        { isolationLevel: 'read committed' },
      ),
  };
}

async function factsOf(tx: LedgerDb, move: NewMove): Promise<MoveFacts> {
  const { identifierId, fromClientId, toClientId } = move;
  const both = [fromClientId, toClientId];
  const found = await tx
    .select({ id: clients.id, source: clients.source })
    .from(clients)
    .where(inArray(clients.id, both));
  const sources = new Map(found.map(({ id, source }) => [id, source]));
  const its = and(eq(identifiers.id, identifierId), eq(identifiers.clientId, fromClientId));
  const [identifier] = await tx.select({ id: identifiers.id }).from(identifiers).where(its);
  const [overlap] = await rowsOf(
    tx,
    sql`
    select other.client_id, other.cidr::text as cidr
    from identifiers moved join identifiers other on other.cidr && moved.cidr and other.id <> moved.id
    where moved.id = ${identifierId} and moved.client_id = ${fromClientId} and moved.revoked_at is null
      and other.revoked_at is null and other.client_id <> ${toClientId}
    order by other.id limit 1`,
  );
  return {
    fromSource: sources.get(fromClientId) ?? null,
    toSource: sources.get(toClientId) ?? null,
    hasIdentifier: identifier !== undefined,
    overlap:
      overlap === undefined ? null : { clientId: String(overlap.client_id), cidr: String(overlap.cidr) },
    tariffs: (await versionsOf(tx, both)).map(tariffVersionOf),
  };
}

async function addMove(tx: LedgerDb, move: NewMove, who: Actor): Promise<number> {
  const { identifierId, fromClientId, toClientId, reason } = move;
  const [row] = await tx
    .insert(moves)
    .values({
      ...{ identifierId, fromClientId, toClientId, reason },
      fromAt: new Date(move.fromMs),
      toAt: move.untilMs === null ? null : new Date(move.untilMs),
      at: new Date(who.atMs),
      actor: who.actor,
    })
    .returning({ id: moves.id });
  return row!.id;
}

/** Permanent: later requests with this identifier belong to the new client. */
async function reassignIdentifier(tx: LedgerDb, move: NewMove): Promise<void> {
  await tx
    .update(identifiers)
    .set({ clientId: move.toClientId })
    .where(and(eq(identifiers.id, move.identifierId), eq(identifiers.clientId, move.fromClientId)));
}

/** Returns the number of moved posts, and records those that may be in a window. */
async function moveUsage(tx: LedgerDb, move: NewMove, nowMs: number): Promise<number> {
  const windowsFrom = new Date(nowMs - MAX_WINDOW_SECONDS * 1000).toISOString();
  const until =
    move.untilMs === null ? sql`true` : sql`bucket_at < ${new Date(move.untilMs).toISOString()}::timestamptz`;
  const [row] = await rowsOf(
    tx,
    sql`
    with gone as (
      delete from usage
      where client_id = ${move.fromClientId} and identifier_id = ${move.identifierId}
        and bucket_at >= ${new Date(move.fromMs).toISOString()}::timestamptz and ${until}
      returning bucket_at, posts, requests, refused, bytes, uncounted
    ), added as (
      insert into usage (client_id, identifier_id, bucket_at, posts, requests, refused, bytes, uncounted)
      select ${move.toClientId}, ${move.identifierId}, bucket_at, posts, requests, refused, bytes, uncounted
      from gone order by bucket_at
      ${ADDED_TO_USAGE}
    )
    select coalesce(sum(posts), 0)::float8 as posts, coalesce(
      json_agg(json_build_object('bucketMs', extract(epoch from bucket_at)::bigint * 1000, 'posts', posts))
        filter (where posts > 0 and bucket_at > ${windowsFrom}::timestamptz),
      '[]') as recent
    from gone`,
  );
  const { fromClientId, toClientId } = move;
  await addMovedPosts(tx, [{ fromClientId, toClientId, posts: row!.recent as MovedPosts['posts'] }]);
  return Number(row!.posts);
}

async function markBoth(tx: LedgerDb, { fromClientId, toClientId, fromMs }: NewMove): Promise<void> {
  const from = new Date(fromMs);
  await tx
    .update(billingDue)
    .set({ dirtyFrom: sql`least(${billingDue.dirtyFrom}, ${from.toISOString()}::timestamptz)` })
    .where(inArray(billingDue.clientId, [fromClientId, toClientId]));
}

async function auditBoth(tx: LedgerDb, move: NewMove, posts: number, who: Actor): Promise<void> {
  const { identifierId, fromClientId, toClientId, reason } = move;
  const moment = (atMs: number | null) => (atMs === null ? null : new Date(atMs).toISOString());
  const after = {
    ...{ identifierId, from: moment(move.fromMs), until: moment(move.untilMs), posts },
    ...{ fromClient: fromClientId, toClient: toClientId },
  };
  for (const clientId of [fromClientId, toClientId]) {
    await writeAudit(tx, who, {
      action: 'identifier.moved',
      subject: `clients/${clientId}/identifiers/${identifierId}`,
      reason,
      after,
    });
  }
}
