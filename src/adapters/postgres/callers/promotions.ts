/** Names callers as one client in the ledger, and takes that back: one transaction under the locks of moves and billing. */

import { desc, eq, lt, sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import type { Actor } from '../../../admin/port.ts';
import type {
  Promotion,
  PromotionAsked,
  PromotionBooks,
  PromotionFacts,
  PromotionTransaction,
} from '../../../callers/promotion-port.ts';
import { writeAudit } from '../admin/audit.ts';
import { clientStore } from '../admin/clients.ts';
import { lockIdentifiers } from '../admin/identifiers.ts';
import { markForBilling, moveUsage } from '../admin/move-usage.ts';
import { accountOf } from '../billing/account.ts';
import { tariffVersionOf } from '../billing/rows.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { billingDue, promotions } from '../schema.ts';
import { versionsOf } from '../tariff-rows.ts';
import { lockMoves } from '../usage/moves.ts';
import { billableCallers, callerPosts, promotionFacts } from './promotion-facts.ts';

export function postgresPromotions(db: LedgerDb): PromotionBooks {
  return {
    preview: (work) =>
      db.transaction((tx) => work(reading(tx, '')), {
        isolationLevel: 'repeatable read',
        accessMode: 'read only',
      }),

    change: (clientIds, who, work) =>
      db.transaction(
        async (tx) => {
          await lockIdentifiers(tx);
          // Locks before reading, so that a batch in progress finishes first and is found.
          await lockMoves(tx);
          await lockAccounts(tx, clientIds);
          return work({
            ...reading(tx, ' for update'),
            promote: (asked, facts) => promote(tx, asked, facts, who),
            undo: (promotion, reason) => undo(tx, promotion, reason, who),
          });
        },
        { isolationLevel: 'read committed' },
      ),

    async promotions(limit, beforeId) {
      const rows = await db
        .select()
        .from(promotions)
        .where(beforeId === null ? undefined : lt(promotions.id, beforeId))
        .orderBy(desc(promotions.id))
        .limit(limit);
      return rows.map(promotionOf);
    },
  };
}

function reading(tx: LedgerDb, lock: '' | ' for update'): PromotionTransaction {
  const refused = (): never => {
    throw new Error('a preview cannot write');
  };
  return {
    facts: (asked) => promotionFacts(tx, asked),
    async promotion(id) {
      const query = tx.select().from(promotions).where(eq(promotions.id, id));
      const [row] = await (lock === '' ? query : query.for('update'));
      return row === undefined ? null : promotionOf(row);
    },
    tariffs: async (clientIds) => (await versionsOf(tx, clientIds)).map(tariffVersionOf),
    billable: (callerIds, clientId, sinceMs) => billableCallers(tx, callerIds, clientId, sinceMs),
    async account(clientId) {
      const [due] = await tx.select().from(billingDue).where(eq(billingDue.clientId, clientId));
      return accountOf(tx, clientId, due?.dirtyFrom ?? null, refused);
    },
    posts: (callerIds, holder, fromMs, untilMs) => callerPosts(tx, callerIds, holder, { fromMs, untilMs }),
    promote: refused,
    undo: refused,
  };
}

/** Locks the billing state of those that exist, in the order in which gateways lock it. */
async function lockAccounts(tx: LedgerDb, clientIds: readonly string[]): Promise<void> {
  const ids = JSON.stringify(clientIds);
  await tx.execute(sql`
    insert into billing_due (client_id)
    select distinct id from json_array_elements_text(${ids}::json) as wanted (id) join clients using (id) order by id
    on conflict (client_id) do nothing`);
  await tx.execute(sql`
    select client_id from billing_due
    where client_id in (select json_array_elements_text(${ids}::json)) order by client_id for update`);
}

async function promote(
  tx: LedgerDb,
  asked: PromotionAsked,
  facts: PromotionFacts,
  who: Actor,
): Promise<{ id: string; posts: number }> {
  const { clientId, callerIds, fromMs, untilMs, reason } = asked;
  if (facts.clientSource === null) {
    await clientStore(tx).createClient({ id: clientId, name: asked.name ?? clientId, billing: {} }, who);
    await markForBilling(tx, [clientId], fromMs);
  }
  const identifierIds = await addRanges(tx, clientId, facts.newRanges, who);
  const moved = callerIds.map((id) => ({ identifierId: id, fromClientId: id, toClientId: clientId }));
  const id = uuidv7();
  const { posts } = await moveUsage(tx, moved, { fromMs, untilMs, reason }, who);
  await tx.insert(promotions).values({
    ...{ id, clientId, callerIds: [...callerIds], identifierIds, posts, reason },
    ...{ fromAt: new Date(fromMs), untilAt: new Date(untilMs) },
    ...{ at: new Date(who.atMs), actor: who.actor },
  });
  await writeAudit(tx, who, {
    action: 'callers.promoted',
    subject: `clients/${clientId}`,
    reason,
    after: { ...summaryOf(asked, posts), promotion: id, ranges: facts.newRanges },
  });
  return { id, posts };
}

async function addRanges(
  tx: LedgerDb,
  clientId: string,
  ranges: readonly string[],
  who: Actor,
): Promise<string[]> {
  const rows = ranges.map((cidr) => ({ id: uuidv7(), cidr }));
  const at = new Date(who.atMs).toISOString();
  await tx.execute(sql`
    insert into identifiers (id, client_id, kind, cidr, created_at)
    select id, ${clientId}::text, 'cidr', cidr::cidr, ${at}::timestamptz
    from json_to_recordset(${JSON.stringify(rows)}::json) as range (id text, cidr text)`);
  await tx.execute(sql`
    insert into audit (at, actor, action, subject, after)
    select ${at}::timestamptz, ${who.actor}::text, 'identifier.added',
      concat('clients/', ${clientId}::text, '/identifiers/', id),
      jsonb_build_object('kind', 'cidr', 'cidr', cidr::cidr::text, 'keyHint', null)
    from json_to_recordset(${JSON.stringify(rows)}::json) as range (id text, cidr text)`);
  return rows.map(({ id }) => id);
}

async function undo(tx: LedgerDb, promotion: Promotion, reason: string, who: Actor): Promise<number> {
  const { id, clientId, callerIds, fromMs, untilMs } = promotion;
  const at = new Date(who.atMs);
  const revoked = await rowsOf(
    tx,
    sql`
    update identifiers set revoked_at = ${at.toISOString()}::timestamptz
    where id in (select json_array_elements_text(${JSON.stringify(promotion.identifierIds)}::json))
      and client_id = ${clientId} and revoked_at is null
    returning cidr::text as cidr, id`,
  );
  await tx.execute(sql`
    insert into audit (at, actor, action, subject, before)
    select ${at.toISOString()}::timestamptz, ${who.actor}::text, 'identifier.revoked',
      concat('clients/', ${clientId}::text, '/identifiers/', id),
      jsonb_build_object('kind', 'cidr', 'cidr', cidr, 'keyHint', null)
    from json_to_recordset(${JSON.stringify(revoked)}::json) as range (id text, cidr text)`);
  const moved = callerIds.map((caller) => ({
    identifierId: caller,
    fromClientId: clientId,
    toClientId: caller,
  }));
  await tx.update(promotions).set({ undoneAt: at, undoneBy: who.actor }).where(eq(promotions.id, id));
  const { posts } = await moveUsage(tx, moved, { fromMs, untilMs, reason }, who);
  await writeAudit(tx, who, {
    action: 'callers.returned',
    subject: `clients/${clientId}`,
    reason,
    after: { ...summaryOf(promotion, posts), promotion: id, ranges: revoked.map(({ cidr }) => cidr) },
  });
  return posts;
}

function summaryOf(
  { callerIds, fromMs, untilMs }: Pick<PromotionAsked, 'callerIds' | 'fromMs' | 'untilMs'>,
  posts: number,
) {
  const [from, until] = [fromMs, untilMs].map((atMs) => new Date(atMs).toISOString());
  return { callers: callerIds.length, posts, from, until };
}

function promotionOf(row: typeof promotions.$inferSelect): Promotion {
  const { fromAt, untilAt, at, undoneAt, ...same } = row;
  return {
    ...same,
    fromMs: fromAt.getTime(),
    untilMs: untilAt.getTime(),
    atMs: at.getTime(),
    undoneAtMs: undoneAt?.getTime() ?? null,
  };
}
