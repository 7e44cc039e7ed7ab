/** The directories of signers in the ledger, which all processes share. */

import { and, desc, eq, gte, lt } from 'drizzle-orm';
import type { DirectoryStore, StoredDirectory } from '../../../identify/signature/port.ts';
import { type LedgerDb, orLedgerFailure } from '../connection/db.ts';
import { agentDirectories } from './tables.ts';

/** As many as a process keeps in memory. */
const MAX_ROWS = 10_000;

export function postgresDirectories(db: LedgerDb): DirectoryStore {
  const failing = <T>(query: Promise<T>): Promise<T> =>
    orLedgerFailure('the directories of signers could not be read from or written to the ledger', query);
  return {
    async read(name) {
      const query = db.select().from(agentDirectories).where(eq(agentDirectories.url, name));
      const [row] = await failing(query.execute());
      return row === undefined ? null : directoryOf(row);
    },

    async claim(name, nowMs, triedMs) {
      const triedAt = new Date(nowMs);
      if (triedMs === null) {
        const row = { url: name, failures: 0, triedAt };
        const insert = db.insert(agentDirectories).values(row).onConflictDoNothing().returning();
        return (await failing(insert.execute())).length === 1;
      }
      const update = db
        .update(agentDirectories)
        .set({ triedAt })
        .where(and(eq(agentDirectories.url, name), eq(agentDirectories.triedAt, new Date(triedMs))))
        .returning();
      return (await failing(update.execute())).length === 1;
    },

    async save(directory) {
      const row = rowOf(directory);
      const insert = db
        .insert(agentDirectories)
        .values(row)
        .onConflictDoUpdate({ target: agentDirectories.url, set: row });
      await failing(insert.execute());
    },

    async triedSince(fromMs) {
      const query = db
        .select()
        .from(agentDirectories)
        .where(gte(agentDirectories.triedAt, new Date(fromMs)))
        .orderBy(desc(agentDirectories.triedAt))
        .limit(MAX_ROWS);
      return (await failing(query.execute())).map(directoryOf);
    },

    async forget(beforeMs) {
      const rest = db.delete(agentDirectories).where(lt(agentDirectories.triedAt, new Date(beforeMs)));
      await failing(rest.execute());
    },
  };
}

function directoryOf(row: typeof agentDirectories.$inferSelect): StoredDirectory {
  const { url, triedAt, fetchedAt, freshUntil, keys, failure, failures } = row;
  return {
    name: url,
    triedMs: triedAt.getTime(),
    fetchedMs: fetchedAt?.getTime() ?? null,
    freshUntilMs: freshUntil?.getTime() ?? null,
    keys: keys?.keys ?? [],
    failure,
    failures,
  };
}

function rowOf(directory: StoredDirectory): typeof agentDirectories.$inferInsert {
  const { name, triedMs, fetchedMs, freshUntilMs, keys, failure, failures } = directory;
  return {
    url: name,
    triedAt: new Date(triedMs),
    fetchedAt: fetchedMs === null ? null : new Date(fetchedMs),
    freshUntil: freshUntilMs === null ? null : new Date(freshUntilMs),
    keys: fetchedMs === null ? null : { keys },
    failure,
    failures,
  };
}
