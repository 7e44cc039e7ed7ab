/**
 * The audit log: who changed what, when and why. Rows are written in the transaction of the change and never
 * altered.
 */

import { and, desc, eq, lt } from 'drizzle-orm';
import type { Actor, AuditRecord, AuditStore } from '../../../admin/port.ts';
import type { LedgerDb } from '../connection/db.ts';
import { audit } from '../schema.ts';
import { pageOf, rowsAsked } from './page.ts';

export interface AuditEntry {
  /** Noun and past participle: `client.created`. */
  readonly action: string;
  /** Path of the changed object, as in the admin API: `clients/acme`. */
  readonly subject: string;
  readonly reason?: string;
  /** Never contains a secret. */
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Adds a row. `tx` must be the transaction of the change. */
export async function writeAudit(tx: LedgerDb, who: Actor, entry: AuditEntry): Promise<void> {
  await tx.insert(audit).values({
    at: new Date(who.atMs),
    actor: who.actor,
    action: entry.action,
    subject: entry.subject,
    reason: entry.reason ?? null,
    before: entry.before ?? null,
    after: entry.after ?? null,
  });
}

export function auditStore(db: LedgerDb): AuditStore {
  return {
    async audit(filter, page) {
      const rows = await db
        .select()
        .from(audit)
        .where(
          and(
            filter.subject === undefined ? undefined : eq(audit.subject, filter.subject),
            page.after === null ? undefined : lt(audit.id, Number(page.after)),
          ),
        )
        .orderBy(desc(audit.id))
        .limit(rowsAsked(page));
      return pageOf(rows, page, recordOf, (row) => String(row.id));
    },
  };
}

function recordOf(row: typeof audit.$inferSelect): AuditRecord {
  const { at, ...rest } = row;
  return { ...rest, atMs: at.getTime() };
}
