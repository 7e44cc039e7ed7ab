/** Notes about clients. A trigger keeps them as they were written. */

import { and, desc, eq, lt } from 'drizzle-orm';
import type { NoteRecord, NoteStore } from '../../../admin/client-port.ts';
import type { LedgerDb } from '../connection/db.ts';
import { clientNotes, clients } from '../schema.ts';
import { writeAudit } from './audit.ts';
import { pageOf, rowsAsked } from './page.ts';

export function noteStore(db: LedgerDb): NoteStore {
  return {
    addNote: ({ id, clientId, text }, who) =>
      db.transaction(async (tx) => {
        const [client] = await tx.select({ id: clients.id }).from(clients).where(eq(clients.id, clientId));
        if (client === undefined) return null;
        const row = { id, clientId, at: new Date(who.atMs), author: who.actor, text };
        await tx.insert(clientNotes).values(row);
        const after = { id, text };
        await writeAudit(tx, who, { action: 'note.added', subject: `clients/${clientId}/notes`, after });
        return recordOf(row);
      }),

    async notes(clientId, page) {
      const rows = await db
        .select()
        .from(clientNotes)
        .where(
          and(
            eq(clientNotes.clientId, clientId),
            page.after === null ? undefined : lt(clientNotes.id, page.after),
          ),
        )
        .orderBy(desc(clientNotes.id))
        .limit(rowsAsked(page));
      return pageOf(rows, page, recordOf, (row) => row.id);
    },
  };
}

function recordOf({ at, ...rest }: typeof clientNotes.$inferSelect): NoteRecord {
  return { ...rest, atMs: at.getTime() };
}
