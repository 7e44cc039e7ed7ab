/**
 * The statements that add a batch of usage, one statement per table. Every statement locks rows in key order, so
 * that gateways that add to the same clients wait for each other instead of deadlocking.
 */

import { sql } from 'drizzle-orm';
import { isPrefix } from '../../../meter/client-id.ts';
import type { Usage } from '../../../meter/usage.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { audit } from '../schema.ts';
import { addUniquePosts } from './unique-statements.ts';

/** Adds the figures of an inserted row to the row of usage that is there already. */
export const ADDED_TO_USAGE = sql`
    on conflict (client_id, bucket_at, identifier_id) do update set
      posts = usage.posts + excluded.posts, requests = usage.requests + excluded.requests,
      refused = usage.refused + excluded.refused, bytes = usage.bytes + excluded.bytes,
      uncounted = usage.uncounted + excluded.uncounted`;

/** Runs in the transaction that takes the batch. */
export async function addUsage(tx: LedgerDb, usage: readonly Usage[]): Promise<void> {
  await addClients(tx, [...new Set(usage.map((row) => row.clientId))]);
  await tx.execute(sql`
    insert into usage (client_id, identifier_id, bucket_at, posts, requests, refused, bytes, uncounted)
    select "clientId", "identifierId", to_timestamp("bucketMs" / 1000.0),
      sum(posts), sum(requests), sum(refused), sum(bytes), sum(uncounted)
    from ${batchOf(usage)}
    group by "clientId", "bucketMs", "identifierId"
    order by "clientId", "bucketMs", "identifierId"
    ${ADDED_TO_USAGE}`);
  await addUniquePosts(tx, usage);
  await markDue(tx, usage);
}

function batchOf(usage: readonly Usage[]) {
  const figures = usage.map(({ ids, ...row }) => row);
  return sql`json_to_recordset(${JSON.stringify(figures)}::json) as batch (
    "clientId" text, "identifierId" text, "bucketMs" bigint,
    posts bigint, requests bigint, refused bigint, bytes bigint, uncounted bigint)`;
}

/**
 * Creates the clients that the ledger lacks. An unknown address or an address range is its own client. Any other id
 * was an operator's client that this ledger lost, because it was restored to an older state or replaced. Its usage
 * must neither be lost nor block the journal, so the client is recreated under its id, and the audit log records
 * this. It has no identifiers and no billing details, and without the latter nothing can be issued to it.
 */
export async function addClients(tx: LedgerDb, ids: readonly string[]): Promise<void> {
  const added = await rowsOf(
    tx,
    sql`
    insert into clients (id, name, source)
    select id, regexp_replace(id, '^(addr|net):', ''),
      case when id like 'addr:%' then 'address' when id like 'net:%' then 'prefix' else 'operator' end
    from json_array_elements_text(${JSON.stringify(ids)}::json) as missing (id)
    where not exists (select from clients where clients.id = missing.id)
    order by id
    on conflict (id) do nothing
    returning id, source`,
  );
  const recovered = added.filter((client) => client.source === 'operator');
  if (recovered.length === 0) return;
  await tx.insert(audit).values(
    recovered.map((client) => ({
      actor: 'postmeter',
      action: 'client.recovered',
      subject: `clients/${client.id}`,
      reason: 'usage arrived for a client that the ledger does not have',
      after: { id: client.id, source: 'operator' },
    })),
  );
}

/**
 * Usage without posts changes no breach and no invoice, so it does not trigger billing. Nor does usage of an
 * address range, because no single caller in it has committed a breach.
 */
async function markDue(tx: LedgerDb, usage: readonly Usage[]): Promise<void> {
  const earliest = new Map<string, number>();
  for (const { clientId, bucketMs, posts } of usage) {
    if (posts === 0 || isPrefix(clientId)) continue;
    earliest.set(clientId, Math.min(bucketMs, earliest.get(clientId) ?? bucketMs));
  }
  await tx.execute(sql`
    insert into billing_due (client_id, dirty_from)
    select key, to_timestamp(value::bigint / 1000.0)
    from json_each_text(${JSON.stringify(Object.fromEntries(earliest))}::json)
    order by key
    on conflict (client_id) do update set dirty_from = least(billing_due.dirty_from, excluded.dirty_from)`);
}
