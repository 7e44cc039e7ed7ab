/** Clients with random usage of 40 days, breaches and drafts, for tests of lists and the overview. */

import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { v7 } from 'uuid';
import { processLead } from '../../src/adapters/postgres/billing/leader.ts';
import { postgresBillingLedger } from '../../src/adapters/postgres/billing/ledger.ts';
import { runBilling } from '../../src/billing.ts';
import { totalsRefresher } from '../../src/entry/billing/totals-refresher.ts';
import { type ApiRig, RULES } from './api-rig.ts';

const MINUTE_MS = 60_000;

export interface ServedMinute {
  readonly clientId: string;
  readonly atMs: number;
  readonly posts: number;
  readonly requests: number;
  readonly uncounted: number;
}

/** Adds clients that operators could have added. Rows cost less than a request for each. */
export async function addClients(
  rig: ApiRig,
  clients: readonly { id: string; name: string }[],
): Promise<void> {
  await rig.db.execute(sql`
    insert into clients (id, name, source)
    select id, name, 'operator' from jsonb_to_recordset(${JSON.stringify(clients)}::jsonb) as c(id text, name text)`);
}

/** Adds usage of two identifiers by turns to the ledger, marked for billing. */
export async function serveMinutes(rig: ApiRig, minutes: readonly ServedMinute[]): Promise<void> {
  const rows = minutes.map(({ clientId, atMs, posts, requests, uncounted }) => ({
    client_id: clientId,
    identifier_id: `key-${(atMs / MINUTE_MS) % 2}`,
    bucket_at: new Date(atMs).toISOString(),
    ...{ posts, requests, uncounted },
  }));
  await rig.db.execute(sql`
    insert into usage (client_id, identifier_id, bucket_at, posts, requests, refused, bytes, uncounted)
    select client_id, identifier_id, bucket_at, posts, requests, 0, 0, uncounted
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as u(client_id text, identifier_id text,
      bucket_at timestamptz, posts bigint, requests bigint, uncounted bigint)`);
  await rig.db.execute(sql`
    insert into billing_due (client_id, dirty_from) select client_id, min(bucket_at) from usage group by client_id
    on conflict (client_id) do update set dirty_from = excluded.dirty_from`);
}

/** Bills, and rewrites the totals by which lists are sorted, as the leading process does. */
export async function billAndSort(rig: ApiRig, nowMs: number): Promise<void> {
  const now = () => nowMs;
  const ledger = postgresBillingLedger(rig.db, { rules: RULES, lead: processLead(), now });
  const run = await runBilling(ledger, RULES, v7, nowMs);
  if (run === undefined || run.failures.length > 0) throw new Error(JSON.stringify(run?.failures));
  const failed: unknown[] = [];
  const log = { info: () => {}, warn: (fields: unknown) => failed.push(fields), error: () => {} };
  await totalsRefresher(rig.db, RULES.bucketSeconds, log)(nowMs);
  if (failed.length > 0) throw new Error('the totals were not rewritten', { cause: failed });
}

/** Up to 30 minutes of usage of the last hour, the last two days and the last 40 days; the same for the same seed. */
export function drawMinutes(clientId: string, nowMs: number, maxPosts: number, seed: number): ServedMinute[] {
  const end = Math.floor(nowMs / MINUTE_MS);
  const age = fc.oneof(fc.nat(59), fc.nat(2_880), fc.nat(57_600));
  const minute = fc.record({
    age,
    posts: fc.nat(maxPosts),
    requests: fc.integer({ min: 1, max: 5 }),
    uncounted: fc.nat(1),
  });
  const minutes = fc.uniqueArray(minute, { maxLength: 30, size: 'max', selector: (one) => one.age });
  const [drawn] = fc.sample(minutes, { seed, numRuns: 1 });
  return drawn!.map(({ age, ...counts }) => ({ clientId, atMs: (end - age) * MINUTE_MS, ...counts }));
}
