/** Moves an identifier from one client to another, with its usage from a given time on. Billing recomputes both. */

import { and, eq, inArray, sql } from 'drizzle-orm';
import type { MoveResult, MoveStore, NewMove } from '../../../admin/port.ts';
import type { MoveSnapshot } from '../../../callers/move-preview.ts';
import { type IdentifierMove, type MoveFacts, moveRefusal } from '../../../identify/move-refusal.ts';
import { accountOf, lockAccount } from '../billing/account.ts';
import { tariffVersionOf } from '../billing/rows.ts';
import { callerPosts } from '../callers/promotion-facts.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { billingDue, clients, identifiers } from '../schema.ts';
import { versionsOf } from '../tariff-rows.ts';
import { lockMoves } from '../usage/moves.ts';
import { lockIdentifiers } from './identifiers.ts';
import { moveUsage } from './move-usage.ts';

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
          const { ids, posts } = await moveUsage(tx, [move], move, who);
          if (move.untilMs === null) await reassignIdentifier(tx, move);
          return { kind: 'moved', id: ids[0]!, posts };
        },
        { isolationLevel: 'read committed' },
      ),

    readMove: (work) =>
      db.transaction((tx) => work(snapshotOf(tx)), {
        isolationLevel: 'repeatable read',
        accessMode: 'read only',
      }),
  };
}

function snapshotOf(tx: LedgerDb): MoveSnapshot {
  return {
    refusal: async (move) => moveRefusal(move, await factsOf(tx, move)),
    async account(clientId) {
      const [due] = await tx.select().from(billingDue).where(eq(billingDue.clientId, clientId));
      return accountOf(tx, clientId, due?.dirtyFrom ?? null, () => {
        throw new Error('a preview cannot write');
      });
    },
    posts: ({ identifierId, fromClientId, fromMs, untilMs }) =>
      callerPosts(tx, [identifierId], fromClientId, { fromMs, untilMs: untilMs ?? FAR_MS }),
  };
}

/** After every bucket: the year 9999. */
const FAR_MS = Date.UTC(9999, 0);

async function factsOf(tx: LedgerDb, move: IdentifierMove): Promise<MoveFacts> {
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

/** Permanent: later requests with this identifier belong to the new client. */
async function reassignIdentifier(tx: LedgerDb, move: NewMove): Promise<void> {
  await tx
    .update(identifiers)
    .set({ clientId: move.toClientId })
    .where(and(eq(identifiers.id, move.identifierId), eq(identifiers.clientId, move.fromClientId)));
}
