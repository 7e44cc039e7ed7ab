/** Clients whose billing has stopped, and why; an operator releases them. */

import { and, count, eq, isNull, or, type SQL, sql } from 'drizzle-orm';
import type { ParkedCount } from '../../invoice/port.ts';
import type { Parking } from '../../meter/port.ts';
import { type LedgerDb, rowsOf } from './db.ts';
import { audit, parkings } from './schema.ts';
import { addClients } from './usage-statements.ts';

/** A client that is parked for the same code stays as it is. Runs in the caller's transaction. */
export async function parkClients(tx: LedgerDb, wanted: readonly Parking[], by: string): Promise<void> {
  if (wanted.length === 0) return;
  await addClients(tx, [...new Set(wanted.flatMap(({ clientId }) => clientId ?? []))]);
  const parked = await rowsOf(
    tx,
    sql`
    insert into parkings (id, client_id, code, reason, parked_at, parked_by)
    select gen_random_uuid(), "clientId", code, reason, now(), ${by}::text
    from json_to_recordset(${JSON.stringify(wanted)}::json) as wanted ("clientId" text, code text, reason text)
    on conflict (coalesce(client_id, ''), code) where released_at is null do nothing
    returning client_id, code, reason`,
  );
  if (parked.length === 0) return;
  await tx.insert(audit).values(
    parked.map((row) => ({
      actor: by,
      action: 'client.parked',
      subject: row.client_id === null ? 'clients' : `clients/${row.client_id}`,
      reason: String(row.reason),
      after: { code: row.code },
    })),
  );
}

/** True of clients without any billing hold. `clientId`: the column that names the client. */
export function notParked(clientId: SQL): SQL {
  return sql`not exists (
    select from parkings where released_at is null and (client_id is null or client_id = ${clientId}))`;
}

/** True of clients whose breaches and drafts are computed: a ledger that was set back stops issuing alone. */
export function isComputed(clientId: SQL): SQL {
  return sql`not exists (
    select from parkings
    where released_at is null and code <> 'ledger_set_back' and (client_id is null or client_id = ${clientId}))`;
}

/** Why billing of a client has stopped, the oldest reason first; null while it has not. */
export async function parkingOf(tx: LedgerDb, clientId: string): Promise<Parking | null> {
  const [row] = await tx
    .select()
    .from(parkings)
    .where(and(isNull(parkings.releasedAt), or(isNull(parkings.clientId), eq(parkings.clientId, clientId))))
    .orderBy(parkings.parkedAt)
    .limit(1);
  return row ?? null;
}

/** How many hold, by code. */
export async function parkedClients(db: LedgerDb): Promise<ParkedCount[]> {
  return db
    .select({ code: parkings.code, clients: count(parkings.clientId), all: sql`count(*)`.mapWith(Number) })
    .from(parkings)
    .where(isNull(parkings.releasedAt))
    .groupBy(parkings.code)
    .then((rows) => rows.map(({ code, clients, all }) => ({ code, clients, isForAll: all > clients })));
}
