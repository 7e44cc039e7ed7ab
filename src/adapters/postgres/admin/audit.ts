/**
 * The audit log: who changed what, when and why. Rows are written in the transaction of the change and never
 * altered.
 */

import { type AnyColumn, and, desc, eq, gte, lt, or, type SQL, sql } from 'drizzle-orm';
import type { Actor, AuditFilter, AuditRecord, AuditStore } from '../../../admin/port.ts';
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
        .where(and(matching(filter), page.after === null ? undefined : lt(audit.id, Number(page.after))))
        .orderBy(desc(audit.id))
        .limit(rowsAsked(page));
      return pageOf(rows, page, recordOf, (row) => String(row.id));
    },
  };
}

function matching({ subject, under, action, actor, q, fromMs, toMs }: AuditFilter): SQL | undefined {
  return and(
    subject === undefined ? undefined : eq(audit.subject, subject),
    under === undefined
      ? undefined
      : or(eq(audit.subject, under), sql`starts_with(${audit.subject}, ${`${under}/`})`),
    action === undefined ? undefined : eq(audit.action, action),
    actor === undefined ? undefined : contains(audit.actor, actor),
    q === undefined
      ? undefined
      : or(
          contains(audit.subject, q),
          contains(audit.reason, q),
          contains(sql`${audit.before}::text`, q),
          contains(sql`${audit.after}::text`, q),
        ),
    fromMs === undefined ? undefined : gte(audit.at, new Date(fromMs)),
    toMs === undefined ? undefined : lt(audit.at, new Date(toMs)),
  );
}

/** True if the text contains `part`, in upper or lower case. */
function contains(text: AnyColumn | SQL, part: string): SQL {
  return sql`strpos(lower(${text}), lower(${part})) > 0`;
}

function recordOf(row: typeof audit.$inferSelect): AuditRecord {
  const { at, ...rest } = row;
  return { ...rest, atMs: at.getTime() };
}
