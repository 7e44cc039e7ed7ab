/**
 * Two billers at once: the leader loses its lead while it waits in the middle of its run, so that a second one
 * starts.
 */

import postgres from 'postgres';
import { until } from '../support/until.ts';
import { withLedger } from './books.ts';
import { ROLE } from './site.ts';

/** Locks the books of one client that is due for billing. The returned function releases them. */
export async function holdingBooks(url: string, clientId: string): Promise<() => Promise<void>> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await until('the client is due for billing', async () => {
    await sql`begin`;
    const [row] = await sql`
      select dirty_from from billing_due where client_id = ${clientId} and dirty_from is not null for update`;
    if (row === undefined) await sql`rollback`;
    return row !== undefined;
  });
  return async () => {
    await sql`rollback`;
    await sql.end();
  };
}

/** Number of billers that wait for a client's books. */
export function waitingForBooks(url: string): Promise<number> {
  return withLedger(url, async (sql) => {
    const [row] = await sql<{ waiting: number }[]>`
      select count(*)::int as waiting from pg_stat_activity
      where usename = ${ROLE} and wait_event_type = 'Lock' and query like 'select%billing_due%for update%'`;
    return row!.waiting;
  });
}

/** Ends the connection that holds the advisory lock of the lead. Its transaction is idle. */
export function losingLead(url: string): Promise<void> {
  return withLedger(url, async (sql) => {
    await sql`
      select pg_terminate_backend(pid) from pg_locks join pg_stat_activity using (pid)
      where locktype = 'advisory' and granted and usename = ${ROLE} and state = 'idle in transaction'`;
  });
}
