/** Two billers at once: the leader loses its lead while it waits in the middle of its run, so that a second one begins. */

import postgres from 'postgres';
import { until } from '../support/until.ts';
import { withLedger } from './books.ts';
import { ROLE } from './site.ts';

/** Locks one client's books, which are due for billing, until the answer is called. */
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

/** Billers that wait for somebody's books. */
export function waitingForBooks(url: string): Promise<number> {
  return withLedger(url, async (sql) => {
    const [row] = await sql<{ waiting: number }[]>`
      select count(*)::int as waiting from pg_stat_activity
      where usename = ${ROLE} and wait_event_type = 'Lock' and query like 'select%billing_due%for update%'`;
    return row!.waiting;
  });
}

/** Ends the connection whose advisory lock says who bills: that of a transaction, which does nothing meanwhile. */
export function losingLead(url: string): Promise<void> {
  return withLedger(url, async (sql) => {
    await sql`
      select pg_terminate_backend(pid) from pg_locks join pg_stat_activity using (pid)
      where locktype = 'advisory' and granted and usename = ${ROLE} and state = 'idle in transaction'`;
  });
}
