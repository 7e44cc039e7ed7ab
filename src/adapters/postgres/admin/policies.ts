/** Policies of clients as operators set, read and remove them. One row per client; the audit log has the history. */

import { asc, eq, gt } from 'drizzle-orm';
import type { PolicyRecord, PolicyStore } from '../../../admin/port.ts';
import type { ClientPolicy } from '../../../admit/policy.ts';
import { isCallerId } from '../../../identify/address.ts';
import type { LedgerDb } from '../connection/db.ts';
import { policyFields, policyOf } from '../policy-rows.ts';
import { clientPolicies, clients } from '../schema.ts';
import { writeAudit } from './audit.ts';
import { pageOf, rowsAsked } from './page.ts';

type Row = typeof clientPolicies.$inferSelect;

export function policyStore(db: LedgerDb): PolicyStore {
  return {
    async policy(clientId) {
      const [row] = await db.select().from(clientPolicies).where(eq(clientPolicies.clientId, clientId));
      return row === undefined ? null : recordOf(row);
    },

    async policies(page) {
      const rows = await db
        .select()
        .from(clientPolicies)
        .where(page.after === null ? undefined : gt(clientPolicies.clientId, page.after))
        .orderBy(asc(clientPolicies.clientId))
        .limit(rowsAsked(page));
      return pageOf(rows, page, recordOf, (row) => row.clientId);
    },

    setPolicy: (clientId, policy, who) =>
      db.transaction(async (tx) => {
        if (!(await isKnown(tx, clientId))) return null;
        const its = eq(clientPolicies.clientId, clientId);
        const [before] = await tx.select().from(clientPolicies).where(its).for('update');
        const fields = { ...policyFields(policy), setAt: new Date(who.atMs), setBy: who.actor };
        const [row] = await tx
          .insert(clientPolicies)
          .values({ clientId, ...fields })
          .onConflictDoUpdate({ target: clientPolicies.clientId, set: fields })
          .returning();
        await writeAudit(tx, who, {
          action: 'policy.set',
          subject: subjectOf(clientId),
          reason: policy.reason,
          before: before === undefined ? null : auditOf(policyOf(before)),
          after: auditOf(policy),
        });
        return recordOf(row!);
      }),

    removePolicy: (clientId, who) =>
      db.transaction(async (tx) => {
        const [row] = await tx
          .delete(clientPolicies)
          .where(eq(clientPolicies.clientId, clientId))
          .returning();
        if (row === undefined) return null;
        await writeAudit(tx, who, {
          action: 'policy.removed',
          subject: subjectOf(clientId),
          before: auditOf(policyOf(row)),
        });
        return recordOf(row);
      }),
  };
}

/** An unknown caller may get a policy before its first request. */
async function isKnown(tx: LedgerDb, clientId: string): Promise<boolean> {
  if (isCallerId(clientId)) return true;
  const found = await tx.select({ id: clients.id }).from(clients).where(eq(clients.id, clientId));
  return found.length > 0;
}

function subjectOf(clientId: string): string {
  return `clients/${clientId}/policy`;
}

function auditOf({ untilMs, reason, ...rest }: ClientPolicy) {
  return { ...rest, until: untilMs === null ? null : new Date(untilMs).toISOString() };
}

function recordOf(row: Row): PolicyRecord {
  return { clientId: row.clientId, policy: policyOf(row), setAtMs: row.setAt.getTime(), setBy: row.setBy };
}
