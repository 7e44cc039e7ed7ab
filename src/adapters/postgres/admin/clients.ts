/** Clients and their billing details, as operators and finance edit them. */

import { eq } from 'drizzle-orm';
import type { BillingChange, ClientRecord, ClientStore } from '../../../admin/port.ts';
import type { KnownDetails } from '../../../invoice/outcome.ts';
import type { LedgerDb } from '../connection/db.ts';
import { clients } from '../schema.ts';
import { writeAudit } from './audit.ts';

type ClientRow = typeof clients.$inferSelect;

export function clientStore(db: LedgerDb): ClientStore {
  return {
    createClient: (client, who) =>
      db.transaction(async (tx) => {
        const at = new Date(who.atMs);
        const { billing, ...named } = client;
        const [row] = await tx
          .insert(clients)
          .values({ ...named, ...givenFields(billing), source: 'operator', createdAt: at, updatedAt: at })
          .onConflictDoNothing()
          .returning();
        if (row === undefined) return 'taken';
        const after = auditedOf(row);
        await writeAudit(tx, who, { action: 'client.created', subject: `clients/${row.id}`, after });
        return clientRecordOf(row);
      }),

    async client(id) {
      const [row] = await db.select().from(clients).where(eq(clients.id, id));
      return row === undefined ? null : clientRecordOf(row);
    },

    patchClient: (id, patch, who) =>
      db.transaction(async (tx) => {
        const [before] = await tx.select().from(clients).where(eq(clients.id, id)).for('update');
        if (before === undefined) return null;
        const name = patch.name === undefined ? {} : { name: patch.name };
        const askerClass = patch.askerClass === undefined ? {} : { askerClass: patch.askerClass };
        const [after] = await tx
          .update(clients)
          .set({ ...name, ...askerClass, ...givenFields(patch.billing ?? {}), updatedAt: new Date(who.atMs) })
          .where(eq(clients.id, id))
          .returning();
        await writeAudit(tx, who, {
          action: 'client.changed',
          subject: `clients/${id}`,
          before: auditedOf(before),
          after: auditedOf(after!),
        });
        return clientRecordOf(after!);
      }),
  };
}

/** Drops undefined fields, so that they keep their values. */
function givenFields(billing: BillingChange): Partial<KnownDetails> {
  return Object.fromEntries(Object.entries(billing).filter(([, value]) => value !== undefined));
}

/** What the audit log records of a client. */
function auditedOf(row: ClientRow) {
  return { name: row.name, billing: billingOf(row), askerClass: row.askerClass };
}

function billingOf(row: ClientRow): KnownDetails {
  const { legalName, address, email, taxId, currency } = row;
  return { legalName, address, email, taxId, currency };
}

export function clientRecordOf(row: ClientRow): ClientRecord {
  return {
    id: row.id,
    name: row.name,
    source: row.source,
    billing: billingOf(row),
    askerClass: row.askerClass,
    createdAtMs: row.createdAt.getTime(),
    updatedAtMs: row.updatedAt.getTime(),
  };
}
