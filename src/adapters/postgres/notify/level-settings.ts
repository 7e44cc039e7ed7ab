/** The levels that operators set, for all clients or for one. */

import { and, asc, eq, gt, ne } from 'drizzle-orm';
import type { LevelRecord, LevelStore } from '../../../admin/alerts-port.ts';
import { writeAudit } from '../admin/audit.ts';
import { pageOf, rowsAsked } from '../admin/page.ts';
import type { LedgerDb } from '../connection/db.ts';
import { clients } from '../schema.ts';
import { clientLevels, levelSettings } from './tables.ts';

/** The key of the default. No client has an empty id. */
export const DEFAULT_KEY = '';

export function levelStore(db: LedgerDb): LevelStore {
  return {
    defaultLevels: () => settingOf(db, DEFAULT_KEY),

    async ownLevels(page) {
      const after = page.after === null ? undefined : gt(levelSettings.clientId, page.after);
      const rows = await db
        .select()
        .from(levelSettings)
        .where(and(ne(levelSettings.clientId, DEFAULT_KEY), after))
        .orderBy(asc(levelSettings.clientId))
        .limit(rowsAsked(page));
      return pageOf(rows, page, recordOf, (row) => row.clientId);
    },

    async levelsOf(clientId) {
      const [client] = await db.select({ id: clients.id }).from(clients).where(eq(clients.id, clientId));
      if (client === undefined) return null;
      const reached = await db
        .select()
        .from(clientLevels)
        .where(eq(clientLevels.clientId, clientId))
        .orderBy(asc(clientLevels.level));
      return {
        own: await settingOf(db, clientId),
        reached: reached.map(({ level, since }) => ({ level, sinceMs: since.getTime() })),
      };
    },

    setLevels: (clientId, levels, who) =>
      db.transaction(async (tx) => {
        const key = clientId ?? DEFAULT_KEY;
        const before = await settingOf(tx, key);
        if (levels === null) await tx.delete(levelSettings).where(eq(levelSettings.clientId, key));
        else {
          const set = { levels: [...levels], setAt: new Date(who.atMs), setBy: who.actor };
          await tx
            .insert(levelSettings)
            .values({ clientId: key, ...set })
            .onConflictDoUpdate({ target: levelSettings.clientId, set });
        }
        await writeAudit(tx, who, {
          action: 'levels.changed',
          subject: clientId === null ? 'levels' : `clients/${clientId}/levels`,
          before: before?.levels ?? null,
          after: levels,
        });
      }),
  };
}

async function settingOf(db: LedgerDb, key: string): Promise<LevelRecord | null> {
  const [row] = await db.select().from(levelSettings).where(eq(levelSettings.clientId, key));
  return row === undefined ? null : recordOf(row);
}

function recordOf({ setAt, ...rest }: typeof levelSettings.$inferSelect): LevelRecord {
  return { ...rest, setAtMs: setAt.getTime() };
}
