/** What-ifs as the administration reads, starts, cancels and resumes them. Each change is in the audit log. */

import { and, count, desc, eq, gt, inArray, lt, or } from 'drizzle-orm';
import type { Actor } from '../../../admin/port.ts';
import { MAX_UNFINISHED_WHAT_IFS, type WhatIfRecord, type WhatIfStore } from '../../../admin/what-if-port.ts';
import { tariffToJson } from '../../../tariff/terms.ts';
import type { WhatIfState } from '../../../whatif/port.ts';
import { writeAudit } from '../admin/audit.ts';
import { pageOf, rowsAsked } from '../admin/page.ts';
import type { LedgerDb } from '../connection/db.ts';
import { clients, whatIfClients, whatIfs } from '../schema.ts';
import { comparedOf, recordOf } from './rows.ts';
import { isCovered } from './scope.ts';

const UNFINISHED = ['waiting', 'running'] as const;
const STOPPED = ['cancelled', 'failed'] as const;

export function whatIfStore(db: LedgerDb): WhatIfStore {
  return {
    createWhatIf: ({ id, terms, scope, fromMs, toMs, change }, who) =>
      db.transaction(async (tx) => {
        if (await isFull(tx)) return 'too_many';
        const [covered] = await tx.select({ total: count() }).from(clients).where(isCovered({ scope, toMs }));
        const [row] = await tx
          .insert(whatIfs)
          .values({
            ...{ id, scope, change, state: 'waiting', terms: tariffToJson(terms) },
            ...{ fromAt: new Date(fromMs), toAt: new Date(toMs) },
            ...{ createdAt: new Date(who.atMs), createdBy: who.actor, totalClients: covered!.total },
          })
          .returning();
        await audited(tx, id, 'started', who);
        return recordOf(row!);
      }),

    async whatIf(id) {
      const [row] = await db.select().from(whatIfs).where(eq(whatIfs.id, id));
      return row === undefined ? null : recordOf(row);
    },

    async whatIfs(page) {
      const rows = await db
        .select()
        .from(whatIfs)
        .where(page.after === null ? undefined : lt(whatIfs.id, page.after))
        .orderBy(desc(whatIfs.id))
        .limit(rowsAsked(page));
      return pageOf(rows, page, recordOf, (row) => row.id);
    },

    cancelWhatIf: (id, who) =>
      db.transaction(async (tx) => {
        const end = { owner: null, finishedAt: new Date(who.atMs) };
        const found = await moved(tx, id, UNFINISHED, { state: 'cancelled', ...end });
        if (found === null) return (await exists(tx, id)) ? 'finished' : null;
        await audited(tx, id, 'cancelled', who);
        return found;
      }),

    resumeWhatIf: (id, who) =>
      db.transaction(async (tx) => {
        if (await isFull(tx)) return 'too_many';
        const found = await moved(tx, id, STOPPED, { state: 'waiting', finishedAt: null, failure: null });
        if (found === null) return (await exists(tx, id)) ? 'not_stopped' : null;
        await audited(tx, id, 'resumed', who);
        return found;
      }),

    async whatIfClients(id, page) {
      const { peakPosts, clientId } = whatIfClients;
      const [peak, after = ''] = page.after?.split(' ') ?? [];
      const isLater = or(lt(peakPosts, Number(peak)), and(eq(peakPosts, Number(peak)), gt(clientId, after)));
      const rows = await db
        .select()
        .from(whatIfClients)
        .where(and(eq(whatIfClients.whatIfId, id), peak === undefined ? undefined : isLater))
        .orderBy(desc(peakPosts), clientId)
        .limit(rowsAsked(page));
      return pageOf(rows, page, comparedOf, (row) => `${row.peakPosts} ${row.clientId}`);
    },

    async unknownClients(ids) {
      const rows = await db
        .select({ id: clients.id })
        .from(clients)
        .where(inArray(clients.id, [...ids]));
      const known = new Set(rows.map((row) => row.id));
      return ids.filter((id) => !known.has(id));
    },
  };
}

async function isFull(tx: LedgerDb): Promise<boolean> {
  const [row] = await tx
    .select({ unfinished: count() })
    .from(whatIfs)
    .where(inArray(whatIfs.state, [...UNFINISHED]));
  return row!.unfinished >= MAX_UNFINISHED_WHAT_IFS;
}

/** Changes the what-if if it is in one of the states. */
async function moved(
  tx: LedgerDb,
  id: string,
  from: readonly WhatIfState[],
  to: Partial<typeof whatIfs.$inferInsert>,
): Promise<WhatIfRecord | null> {
  const [row] = await tx
    .update(whatIfs)
    .set(to)
    .where(and(eq(whatIfs.id, id), inArray(whatIfs.state, [...from])))
    .returning();
  return row === undefined ? null : recordOf(row);
}

async function exists(tx: LedgerDb, id: string): Promise<boolean> {
  return (await tx.select({ id: whatIfs.id }).from(whatIfs).where(eq(whatIfs.id, id))).length > 0;
}

async function audited(tx: LedgerDb, id: string, what: string, who: Actor): Promise<void> {
  await writeAudit(tx, who, { action: `what_if.${what}`, subject: `what-ifs/${id}` });
}
