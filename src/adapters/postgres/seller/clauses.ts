/** Clauses that administrators added. Rows are final: a version with a later start replaces one. */

import { and, asc, eq, sql } from 'drizzle-orm';
import type { ClauseRecord, ClauseStore } from '../../../admin/sellers/settings-port.ts';
import { writeAudit } from '../admin/audit.ts';
import type { LedgerDb } from '../connection/db.ts';
import { auditedRow } from './rows.ts';
import { clauses } from './tables.ts';

export function clauseStore(db: LedgerDb): ClauseStore {
  return {
    async ownClauses() {
      return (await db.select().from(clauses).orderBy(asc(clauses.id))).map(clauseOf);
    },

    addClause: ({ validFromMs, claimPeriods, ...clause }, reason, who) =>
      db.transaction(async (tx) => {
        // No constraint holds one version for each start, so writers take turns.
        await tx.execute(sql`select pg_advisory_xact_lock(hashtext('postmeter:clauses'))`);
        const { family, currency } = clause;
        const validFrom = new Date(validFromMs);
        const isSameMoment = and(
          eq(clauses.family, family),
          eq(clauses.currency, currency),
          eq(clauses.validFrom, validFrom),
        );
        const [same] = await tx.select({ id: clauses.id }).from(clauses).where(isSameMoment);
        if (same !== undefined && same.id !== clause.id) return 'same_moment';
        const [row] = await tx
          .insert(clauses)
          .values({
            ...{ ...clause, validFrom, claimPeriods: [...claimPeriods] },
            ...{ reason, createdAt: new Date(who.atMs), createdBy: who.actor },
          })
          .onConflictDoNothing()
          .returning();
        if (row === undefined) return 'taken';
        const after = auditedRow(row);
        await writeAudit(tx, who, { action: 'clause.added', subject: `clauses/${row.id}`, reason, after });
        return clauseOf(row);
      }),
  };
}

function clauseOf({ validFrom, createdAt, ...rest }: typeof clauses.$inferSelect): ClauseRecord {
  return { ...rest, validFromMs: validFrom.getTime(), createdAtMs: createdAt.getTime() };
}
