/** Invoices with what decides whether they may be approved and issued, read without locks. */

import { asc, eq, inArray, isNull } from 'drizzle-orm';
import type { DecidableInvoice } from '../../../invoice/port.ts';
import { withLines } from '../billing/account.ts';
import { issuingFacts } from '../billing/issuing-facts.ts';
import { breachOf, tariffVersionOf } from '../billing/rows.ts';
import type { LedgerDb } from '../connection/db.ts';
import { billingDue, billingHolds, breaches, clients, invoices } from '../schema.ts';
import { versionsOf } from '../tariff-rows.ts';

/** The same facts as the lock of an invoice reads, for many invoices in a few statements. */
export async function decidableInvoices(
  tx: LedgerDb,
  invoiceIds: readonly string[],
): Promise<DecidableInvoice[]> {
  const rows = await tx
    .select({ invoice: invoices, breach: breaches, client: clients })
    .from(invoices)
    .innerJoin(clients, eq(clients.id, invoices.clientId))
    .leftJoin(breaches, eq(breaches.id, invoices.breachId))
    .where(inArray(invoices.id, [...invoiceIds]));
  if (rows.length === 0) return [];
  const clientIds = [...new Set(rows.map(({ client }) => client.id))];
  const read = await withLines(
    tx,
    rows.map(({ invoice }) => invoice),
  );
  const holds = await tx
    .select()
    .from(billingHolds)
    .where(isNull(billingHolds.releasedAt))
    .orderBy(asc(billingHolds.heldAt));
  const due = await tx.select().from(billingDue).where(inArray(billingDue.clientId, clientIds));
  const versions = (await versionsOf(tx, clientIds)).map(tariffVersionOf);
  const issuing = await issuingFacts(tx, read, false);
  const isOf =
    (id: string) =>
    ({ clientId }: { readonly clientId: string | null }) =>
      clientId === null || clientId === id;
  return rows.map(({ breach, client }, at) => ({
    invoice: read[at]!,
    breach: breach === null ? null : breachOf(breach),
    details: client,
    hold: holds.find(isOf(client.id)) ?? null,
    dirtyFromMs: due.find(({ clientId }) => clientId === client.id)?.dirtyFrom?.getTime() ?? null,
    tariffs: versions.filter(isOf(client.id)),
    issuing: issuing[at]!,
  }));
}
