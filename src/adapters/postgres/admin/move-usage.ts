/** Moves usage of identifiers between clients: the moves, the rows of usage, the marks of billing, and the audit log. */

import { sql } from 'drizzle-orm';
import type { Actor } from '../../../admin/port.ts';
import type { MovedPosts } from '../../../meter/port.ts';
import { MAX_WINDOW_SECONDS } from '../../../tariff/terms.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { addMovedPosts } from '../usage/moves.ts';
import { ADDED_TO_USAGE } from '../usage/statements.ts';

/** An identifier whose usage belongs to another client. */
export interface MovedIdentifier {
  readonly identifierId: string;
  readonly fromClientId: string;
  readonly toClientId: string;
}

/** The same for all identifiers that move together. */
export interface MoveSpan {
  readonly fromMs: number;
  /** Null: the moves are permanent. */
  readonly untilMs: number | null;
  readonly reason: string;
}

export interface UsageMoved {
  /** In the order of `identifiers`. */
  readonly ids: readonly number[];
  /** Posts that are in the ledger now. Usage that arrives later is moved too. */
  readonly posts: number;
}

/**
 * Call it under the locks of moves and of both clients' billing state, at the end of a transaction (`addMovedPosts`). A few
 * statements for any number of identifiers. Each pair of clients must appear once.
 */
export async function moveUsage(
  tx: LedgerDb,
  identifiers: readonly MovedIdentifier[],
  span: MoveSpan,
  who: Actor,
): Promise<UsageMoved> {
  const ids = await addMoves(tx, identifiers, span, who);
  const moved = await moveRows(tx, identifiers, span, who.atMs);
  await markForBilling(
    tx,
    identifiers.flatMap(({ fromClientId, toClientId }) => [fromClientId, toClientId]),
    span.fromMs,
  );
  const posts = await auditMoves(tx, identifiers, span, moved, who);
  await addMovedPosts(tx, moved);
  return { ids, posts };
}

/** Makes billing recompute the clients from a time on. */
export async function markForBilling(
  tx: LedgerDb,
  clientIds: readonly string[],
  fromMs: number,
): Promise<void> {
  await tx.execute(sql`
    insert into billing_due (client_id, dirty_from)
    select distinct id, ${iso(fromMs)}::timestamptz
    from json_array_elements_text(${JSON.stringify(clientIds)}::json) as marked (id) order by id
    on conflict (client_id) do update set dirty_from = least(billing_due.dirty_from, excluded.dirty_from)`);
}

async function addMoves(
  tx: LedgerDb,
  identifiers: readonly MovedIdentifier[],
  { fromMs, untilMs, reason }: MoveSpan,
  who: Actor,
): Promise<number[]> {
  const rows = await rowsOf(
    tx,
    sql`
    insert into moves (identifier_id, from_client_id, to_client_id, from_at, to_at, at, actor, reason)
    select "identifierId", "fromClientId", "toClientId", ${iso(fromMs)}::timestamptz,
      ${untilMs === null ? null : iso(untilMs)}::timestamptz, ${iso(who.atMs)}::timestamptz, ${who.actor}::text, ${reason}::text
    from ${recordset(identifiers)} order by place returning id::float8 as id`,
  );
  return rows.map((row) => Number(row.id));
}

/** Returns what was moved with the posts that may be in a window, by bucket. */
async function moveRows(
  tx: LedgerDb,
  identifiers: readonly MovedIdentifier[],
  { fromMs, untilMs }: MoveSpan,
  nowMs: number,
): Promise<(Omit<MovedPosts, 'sequence'> & { readonly all: number })[]> {
  const until = untilMs === null ? sql`true` : sql`bucket_at < ${iso(untilMs)}::timestamptz`;
  const rows = await rowsOf(
    tx,
    sql`
    with moved as (select * from ${recordset(identifiers)}), gone as (
      delete from usage using moved
      where client_id = "fromClientId" and identifier_id = "identifierId"
        and bucket_at >= ${iso(fromMs)}::timestamptz and ${until}
      returning "toClientId", client_id, identifier_id, bucket_at, posts, requests, refused, bytes, uncounted
    ), added as (
      insert into usage (client_id, identifier_id, bucket_at, posts, requests, refused, bytes, uncounted)
      select "toClientId", identifier_id, bucket_at, posts, requests, refused, bytes, uncounted
      from gone order by "toClientId", bucket_at, identifier_id
      ${ADDED_TO_USAGE}
    )
    select client_id, "toClientId", sum(posts)::float8 as posts, coalesce(
      json_agg(json_build_object('bucketMs', extract(epoch from bucket_at)::bigint * 1000, 'posts', posts))
        filter (where posts > 0 and bucket_at > ${iso(nowMs - MAX_WINDOW_SECONDS * 1000)}::timestamptz),
      '[]') as recent
    from gone group by client_id, "toClientId" order by client_id, "toClientId"`,
  );
  return rows.map((row) => ({
    fromClientId: String(row.client_id),
    toClientId: String(row.toClientId),
    posts: row.recent as MovedPosts['posts'],
    all: Number(row.posts),
  }));
}

/** Writes a row for each of the two clients of a move. Returns the number of moved posts. */
async function auditMoves(
  tx: LedgerDb,
  identifiers: readonly MovedIdentifier[],
  { fromMs, untilMs, reason }: MoveSpan,
  moved: ReadonlyArray<{ readonly fromClientId: string; readonly toClientId: string; readonly all: number }>,
  who: Actor,
): Promise<number> {
  const posts = new Map(moved.map((one) => [`${one.fromClientId} ${one.toClientId}`, one.all]));
  const entries = identifiers.flatMap(({ identifierId, fromClientId, toClientId }) => {
    const after = {
      ...{ identifierId, from: iso(fromMs), until: untilMs === null ? null : iso(untilMs) },
      posts: posts.get(`${fromClientId} ${toClientId}`) ?? 0,
      ...{ fromClient: fromClientId, toClient: toClientId },
    };
    return [fromClientId, toClientId].map((clientId) => ({
      subject: `clients/${clientId}/identifiers/${identifierId}`,
      after,
    }));
  });
  await tx.execute(sql`
    insert into audit (at, actor, action, subject, reason, after)
    select ${iso(who.atMs)}::timestamptz, ${who.actor}::text, 'identifier.moved', subject, ${reason}::text, after
    from json_to_recordset(${JSON.stringify(entries)}::json) as entry (subject text, after jsonb)`);
  return moved.reduce((sum, { all }) => sum + all, 0);
}

function recordset(identifiers: readonly MovedIdentifier[]) {
  const rows = identifiers.map((one, place) => ({ ...one, place }));
  return sql`json_to_recordset(${JSON.stringify(rows)}::json) as one (
    place int, "identifierId" text, "fromClientId" text, "toClientId" text)`;
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
