/** Billing holds: clients whose billing is stopped, and why. An operator releases them. */

import { and, count, eq, isNull, or, type SQL, sql } from 'drizzle-orm';
import type { BillingHoldCount } from '../../invoice/port.ts';
import type { BillingHold } from '../../meter/port.ts';
import { holdEvent } from '../../notify/hold-event.ts';
import { type LedgerDb, rowsOf } from './connection/db.ts';
import { writeEvents } from './notify/write-events.ts';
import { audit, billingHolds } from './schema.ts';
import { addClients } from './usage/statements.ts';

/** A client that is already on hold with the same code is unchanged. Runs in the caller's transaction. */
export async function holdClients(tx: LedgerDb, wanted: readonly BillingHold[], by: string): Promise<void> {
  if (wanted.length === 0) return;
  await addClients(tx, [...new Set(wanted.flatMap(({ clientId }) => clientId ?? []))]);
  const held = await rowsOf(
    tx,
    sql`
    insert into billing_holds (id, client_id, code, reason, held_at, held_by)
    select gen_random_uuid(), "clientId", code, reason, now(), ${by}::text
    from json_to_recordset(${JSON.stringify(wanted)}::json) as wanted ("clientId" text, code text, reason text)
    on conflict (coalesce(client_id, ''), code) where released_at is null do nothing
    returning client_id, code, reason, extract(epoch from held_at) * 1000 as held_ms`,
  );
  if (held.length === 0) return;
  await tx.insert(audit).values(
    held.map((row) => ({
      actor: by,
      action: 'client.held',
      subject: row.client_id === null ? 'clients' : `clients/${row.client_id}`,
      reason: String(row.reason),
      after: { code: row.code },
    })),
  );
  await writeEvents(
    tx,
    held.map((row) =>
      holdEvent('hold.placed', {
        clientId: row.client_id === null ? null : String(row.client_id),
        code: String(row.code),
        reason: String(row.reason),
        actor: by,
        atMs: Math.round(Number(row.held_ms)),
      }),
    ),
  );
}

/** True for clients without a billing hold. `clientId` is the column that names the client. */
export function notOnHold(clientId: SQL): SQL {
  return sql`not exists (
    select from billing_holds where released_at is null and (client_id is null or client_id = ${clientId}))`;
}

/**
 * True for clients whose breaches and drafts are computed. A ledger restored to an older state only stops issuing.
 */
export function isComputed(clientId: SQL): SQL {
  return sql`not exists (
    select from billing_holds
    where released_at is null and code <> 'ledger_set_back' and (client_id is null or client_id = ${clientId}))`;
}

/** The oldest active hold of a client; null if there is none. */
export async function holdOf(tx: LedgerDb, clientId: string): Promise<BillingHold | null> {
  const [row] = await tx
    .select()
    .from(billingHolds)
    .where(
      and(
        isNull(billingHolds.releasedAt),
        or(isNull(billingHolds.clientId), eq(billingHolds.clientId, clientId)),
      ),
    )
    .orderBy(billingHolds.heldAt)
    .limit(1);
  return row ?? null;
}

/** The number of active holds by code. */
export async function clientsOnHold(db: LedgerDb): Promise<BillingHoldCount[]> {
  return db
    .select({
      code: billingHolds.code,
      clients: count(billingHolds.clientId),
      all: sql`count(*)`.mapWith(Number),
    })
    .from(billingHolds)
    .where(isNull(billingHolds.releasedAt))
    .groupBy(billingHolds.code)
    .then((rows) => rows.map(({ code, clients, all }) => ({ code, clients, isForAll: all > clients })));
}
