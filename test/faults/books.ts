/** Reads the ledger with its own SQL, and reports differences from what clients and the origin know. */

import postgres from 'postgres';
import { allInParts, allReceived } from './load.ts';
import type { Site } from './site.ts';

interface BillingHold {
  readonly id: string;
  readonly code: string;
}

/** `exact`: no response was cut. `between`: a gateway died with responses in flight. */
export type Fit = 'exact' | 'between';

export async function withLedger<T>(url: string, read: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await read(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

export function postsInLedger(url: string): Promise<Map<string, number>> {
  return withLedger(url, async (sql) => {
    const rows = await sql<{ id: string; posts: number }[]>`
      select client_id as id, sum(posts)::float8 as posts from usage group by client_id`;
    return new Map(rows.map(({ id, posts }) => [id, posts]));
  });
}

/** Number of records that the ledger has taken, over all journals. */
export function takenRecords(url: string): Promise<number> {
  return withLedger(url, async (sql) => {
    const [row] = await sql<{ taken: number }[]>`
      select coalesce(sum(last_sequence), 0)::float8 as taken from journals`;
    return row!.taken;
  });
}

/**
 * Returns a line for each client with too few or too many posts in the ledger, or whose billing has stopped. Returns
 * an empty list if everything matches.
 */
export async function misfits(
  site: Pick<Site, 'databaseUrl' | 'loads' | 'origin'>,
  fit: Fit,
): Promise<string[]> {
  const ledger = await postsInLedger(site.databaseUrl);
  const received = allReceived(site.loads);
  const inParts = allInParts(site.loads);
  const posts = [...received].flatMap(([clientId, whole]) => {
    const has = ledger.get(clientId) ?? 0;
    const sent = site.origin.sent.get(clientId) ?? 0;
    const parts = inParts.get(clientId) ?? 0;
    const line = `${clientId}: received ${whole} whole and ${parts} in parts, ledger ${has}, sent ${sent}`;
    if (fit === 'exact') return has === whole && has === sent && parts === 0 ? [] : [line];
    return whole <= has && has <= sent ? [] : [line];
  });
  return [...posts, ...(await holds(site.databaseUrl))];
}

/** Releases the holds of each rewind of the ledger, as an operator does. @returns the number of holds. */
export async function releaseRewinds({ gateways }: Pick<Site, 'gateways'>): Promise<number> {
  const [gateway] = gateways;
  const { items } = (await gateway!.admin('GET', '/v1/billing-holds')) as { items: BillingHold[] };
  const rewinds = items.filter(({ code }) => code === 'ledger_set_back');
  for (const { id } of rewinds) {
    await gateway!.admin('POST', `/v1/billing-holds/${id}/release`, { reason: 'checked the numbers' });
  }
  return rewinds.length;
}

/** Lists the active billing holds with their reasons. These tests must not cause any. */
function holds(url: string): Promise<string[]> {
  return withLedger(url, async (sql) => {
    const rows = await sql<{ id: string | null; reason: string }[]>`
      select client_id as id, reason from billing_holds where released_at is null`;
    return rows.map(({ id, reason }) => `${id ?? 'all clients'}: on hold, ${reason}`);
  });
}

/** Posts that gateways report as served but could not write. */
export function postsInGaps(url: string): Promise<number> {
  return withLedger(url, async (sql) => {
    const [row] = await sql<{ posts: number }[]>`select coalesce(sum(posts), 0)::float8 as posts from gaps`;
    return row!.posts;
  });
}
