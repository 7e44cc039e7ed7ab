/** Clients and their billing details, as operators and finance edit them. */

import { eq } from 'drizzle-orm';
import { definedOf } from '../../../admin/content.ts';
import type { ClientRecord, ClientStore } from '../../../admin/port.ts';
import type { KnownDetails } from '../../../invoice/outcome.ts';
import type { BuyerSettings } from '../../../seller/model.ts';
import { partyFaults } from '../../../seller/party.ts';
import type { FieldError } from '../../../tariff/terms.ts';
import type { LedgerDb } from '../connection/db.ts';
import { clients } from '../schema.ts';
import { sellers } from '../seller/tables.ts';
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
          .values({ ...named, ...definedOf(billing), source: 'operator', createdAt: at, updatedAt: at })
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
        const buyer = definedOf(patch.buyer ?? {});
        const faults = await buyerFaults(tx, { ...buyerOf(before), ...buyer }, before.sellerId);
        if (faults.length > 0) return { faults };
        const [after] = await tx
          .update(clients)
          .set({
            ...{ ...name, ...askerClass, ...definedOf(patch.billing ?? {}), ...buyer },
            updatedAt: new Date(who.atMs),
          })
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

/** What the audit log records of a client. */
function auditedOf(row: ClientRow) {
  return { name: row.name, billing: billingOf(row), buyer: buyerOf(row), askerClass: row.askerClass };
}

function billingOf(row: ClientRow): KnownDetails {
  const { legalName, address, email, taxId, currency } = row;
  return { legalName, address, email, taxId, currency };
}

function buyerOf(row: ClientRow): BuyerSettings {
  const { street, street2, postcode, city, region, country, buyerReference, orderNumber } = row;
  const { electronicAddress, electronicScheme, language, termsDays, eInvoice, sellerId } = row;
  return {
    ...{ street, street2, postcode, city, region, country, buyerReference, orderNumber },
    ...{ electronicAddress, electronicScheme, language, termsDays, eInvoice, sellerId },
  };
}

/** What contradicts itself, or names a seller that cannot issue. A seller that the client has already is not checked. */
async function buyerFaults(
  tx: LedgerDb,
  buyer: BuyerSettings,
  presentSeller: string | null,
): Promise<FieldError[]> {
  const faults = partyFaults(buyer).map((fault) => ({ ...fault, field: `buyer.${fault.field}` }));
  const { sellerId } = buyer;
  if (sellerId === null || sellerId === presentSeller) return faults;
  // The archival of a seller waits for this transaction.
  const [seller] = await tx.select().from(sellers).where(eq(sellers.id, sellerId)).for('share');
  if (seller !== undefined && seller.archivedAt === null) return faults;
  const reason = seller === undefined ? `does not exist: ${sellerId}` : `is archived: ${sellerId}`;
  return [...faults, { field: 'buyer.sellerId', reason, hint: 'see /v1/sellers' }];
}

export function clientRecordOf(row: ClientRow): ClientRecord {
  return {
    id: row.id,
    name: row.name,
    source: row.source,
    billing: billingOf(row),
    buyer: buyerOf(row),
    askerClass: row.askerClass,
    createdAtMs: row.createdAt.getTime(),
    updatedAtMs: row.updatedAt.getTime(),
  };
}
