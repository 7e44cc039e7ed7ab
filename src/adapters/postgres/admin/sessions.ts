/** Sessions of the console in the ledger. It stores their hashes only. */

import { and, desc, eq, gt, inArray, isNull, lt, lte, or, sql } from 'drizzle-orm';
import type { Actor } from '../../../admin/port.ts';
import type { SessionRecord, SessionScope, SessionStore } from '../../../admin/sessions/port.ts';
import type { LedgerDb } from '../connection/db.ts';
import { sessions, tokens } from '../schema.ts';
import { writeAudit } from './audit.ts';
import { pageOf, rowsAsked } from './page.ts';
import { rolesOf } from './tokens.ts';

/** A session's last request is written at most this often, so that reading a page is not a write. */
const SEEN_GRAIN_MS = 60_000;

export function sessionStore(db: LedgerDb): SessionStore {
  return {
    startSession: (session) =>
      db.transaction(async (tx) => {
        const { startedAtMs, expiresAtMs, roles, ...row } = session;
        const startedAt = new Date(startedAtMs);
        await tx.delete(sessions).where(lte(sessions.expiresAt, startedAt));
        await tx.insert(sessions).values({
          ...{ ...row, roles: [...roles], startedAt, seenAt: startedAt, expiresAt: new Date(expiresAtMs) },
        });
        const who = { actor: session.actor, atMs: startedAtMs };
        const after = { peer: session.peer, roles };
        await writeAudit(tx, who, { action: 'session.started', subject: `sessions/${session.id}`, after });
      }),

    recordRefusal: (peer, atMs) =>
      writeAudit(
        db,
        { actor: 'unknown', atMs },
        { action: 'session.refused', subject: 'sessions', after: { peer } },
      ),

    async useSession(hash, scope, isActivity) {
      const [row] = await selectSessions(db).where(
        and(eq(sessions.hash, hash), inForce({ ...scope, actor: null })),
      );
      if (row === undefined) return null;
      if (isActivity && scope.nowMs - row.session.seenAt.getTime() >= SEEN_GRAIN_MS) {
        const seenAt = new Date(scope.nowMs);
        await db
          .update(sessions)
          .set({ seenAt })
          .where(and(eq(sessions.hash, hash), lt(sessions.seenAt, seenAt)));
      }
      return recordOf(row);
    },

    async sessions(scope, page) {
      const rows = await selectSessions(db)
        .where(and(inForce(scope), page.after === null ? undefined : lt(sessions.id, page.after)))
        .orderBy(desc(sessions.id))
        .limit(rowsAsked(page));
      return pageOf(rows, page, recordOf, ({ session }) => session.id);
    },

    endSession: (id, scope, who) =>
      db.transaction(async (tx) => {
        const [row] = await selectSessions(tx).where(and(eq(sessions.id, id), inForce(scope)));
        if (row === undefined) return null;
        await deleteRows(tx, [recordOf(row)], who);
        return recordOf(row);
      }),

    endSessions: (scope, who) =>
      db.transaction(async (tx) => {
        const rows = await selectSessions(tx).where(inForce(scope));
        await deleteRows(tx, rows.map(recordOf), who);
        return rows.length;
      }),
  };
}

function selectSessions(db: LedgerDb) {
  return db
    .select({ session: sessions, tokenRoles: tokens.roles })
    .from(sessions)
    .leftJoin(tokens, eq(tokens.id, sessions.tokenId))
    .$dynamic();
}

function inForce({ nowMs, idleSinceMs, actor }: SessionScope) {
  return and(
    gt(sessions.expiresAt, new Date(nowMs)),
    gt(sessions.seenAt, new Date(idleSinceMs)),
    or(isNull(sessions.tokenId), sql`${tokens.id} is not null and ${tokens.revokedAt} is null`),
    actor === null ? undefined : eq(sessions.actor, actor),
  );
}

async function deleteRows(tx: LedgerDb, ended: readonly SessionRecord[], who: Actor): Promise<void> {
  const ids = ended.map(({ id }) => id);
  if (ids.length === 0) return;
  await tx.delete(sessions).where(inArray(sessions.id, ids));
  for (const { id, actor } of ended) {
    await writeAudit(tx, who, { action: 'session.ended', subject: `sessions/${id}`, before: { actor } });
  }
}

interface SessionRow {
  readonly session: typeof sessions.$inferSelect;
  readonly tokenRoles: readonly string[] | null;
}

function recordOf({ session, tokenRoles }: SessionRow): SessionRecord {
  return {
    id: session.id,
    actor: session.actor,
    roles: rolesOf(tokenRoles ?? session.roles),
    tokenId: session.tokenId,
    peer: session.peer,
    startedAtMs: session.startedAt.getTime(),
    seenAtMs: session.seenAt.getTime(),
    expiresAtMs: session.expiresAt.getTime(),
  };
}
