/** Clients whose billing has stopped, and why; an operator releases them. */

import { sql } from 'drizzle-orm';
import type { Parking } from '../../meter/port.ts';
import { type LedgerDb, rowsOf } from './db.ts';
import { audit } from './schema.ts';
import { addClients } from './usage-statements.ts';

/** A client that is parked for the same code stays as it is. Runs in the caller's transaction. */
export async function parkClients(tx: LedgerDb, parkings: readonly Parking[], by: string): Promise<void> {
  if (parkings.length === 0) return;
  await addClients(tx, [...new Set(parkings.flatMap(({ clientId }) => clientId ?? []))]);
  const parked = await rowsOf(
    tx,
    sql`
    insert into parkings (id, client_id, code, reason, parked_at, parked_by)
    select gen_random_uuid(), "clientId", code, reason, now(), ${by}::text
    from json_to_recordset(${JSON.stringify(parkings)}::json) as wanted ("clientId" text, code text, reason text)
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
