/** Selects the clients of a billing run with statements over whole tables. */

import { and, asc, gt, isNotNull, lte, or, sql } from 'drizzle-orm';
import { isComputed, notOnHold } from '../billing-holds.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';
import { billingDue } from '../schema.ts';

/** Marked clients per statement. A page took 4 s on two cores at four times their load. */
const MARKS_A_PAGE = 100_000;

/**
 * Clears the mark of clients that can be skipped, as `canBeSkipped` (src/tariff/skip.ts) decides for one client. It
 * never waits for a gateway that adds usage, and cannot miss its usage: a row that a gateway changed since the
 * statement began has another xmin and stays marked.
 */
export async function clearUnbillable(db: LedgerDb): Promise<number> {
  let dropped = 0;
  let after = '';
  for (;;) {
    const [page] = await rowsOf(db, dropPage(after));
    dropped += Number(page?.dropped);
    if (Number(page?.marked) < MARKS_A_PAGE) return dropped;
    after = String(page?.last);
  }
}

/**
 * Processes marked clients after the id `after`. Returns their number, the last id, and the number of cleared
 * marks.
 */
function dropPage(after: string) {
  return sql`
    with bound as materialized (
      select min((terms->>'threshold')::bigint) as threshold,
        coalesce(max((terms->>'windowSeconds')::bigint), 0) * interval '1 second' as span,
        coalesce(bool_or(terms->>'kind' = 'licence'), false) as licence
      from tariff_versions where client_id is null
    ), marked as materialized (
      select client_id, dirty_from - bound.span as since, billing_due.xmin as version
      from billing_due cross join bound
      where dirty_from is not null and client_id > ${after}
      order by client_id limit ${MARKS_A_PAGE}
    ), busy as materialized (
      select marked.client_id
      from marked cross join bound
      join usage on usage.client_id = marked.client_id and usage.bucket_at >= marked.since and usage.posts > 0
      group by marked.client_id, bound.threshold
      having sum(usage.posts) > bound.threshold
    ), unbillable as materialized (
      select marked.client_id, marked.version
      from marked cross join bound
      where not bound.licence
        and not exists (select from busy where busy.client_id = marked.client_id)
        and not exists (select from tariff_versions own where own.client_id = marked.client_id)
        and not exists (
          select from breaches
          where breaches.client_id = marked.client_id and breaches.stretch_to >= marked.since)
        and not exists (
          select from invoices where invoices.client_id = marked.client_id and invoices.month_at is not null)
    ), locked as materialized (
      select due.client_id
      from billing_due due join unbillable on unbillable.client_id = due.client_id and unbillable.version = due.xmin
      for update of due skip locked
    ), dropped as (
      update billing_due set dirty_from = null from locked
      where billing_due.client_id = locked.client_id
      returning 1
    )
    select (select count(*) from marked)::int as marked, (select max(client_id) from marked) as last,
      (select count(*) from dropped)::int as dropped`;
}

/** Clients that are marked, or whose state changes by time. */
export async function dueClients(
  db: LedgerDb,
  nowMs: number,
  after: string | null,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .select({ clientId: billingDue.clientId })
    .from(billingDue)
    .where(
      and(
        or(isNotNull(billingDue.dirtyFrom), lte(billingDue.dueAt, new Date(nowMs))),
        isComputed(sql`${billingDue.clientId}`),
        after === null ? undefined : gt(billingDue.clientId, after),
      ),
    )
    .orderBy(asc(billingDue.clientId))
    .limit(limit);
  return rows.map((row) => row.clientId);
}

/**
 * Drafts whose breach or month is closed and whose client's billing details are complete. The rules check the rest.
 */
export async function draftsToIssue(db: LedgerDb, nowMs: number, latenessMs: number): Promise<string[]> {
  const until = new Date(nowMs - latenessMs).toISOString();
  const rows = await rowsOf(
    db,
    sql`
    select invoices.id
    from invoices
    join clients on clients.id = invoices.client_id and clients.currency = invoices.currency
    left join breaches on breaches.id = invoices.breach_id
    where invoices.status in ('draft', 'approved') and ${notOnHold(sql`invoices.client_id`)}
      and clients.legal_name <> '' and clients.email <> ''
      and (clients.address <> '' or (clients.street <> '' and clients.city <> ''))
      and (breaches.state in ('closed', 'void')
        or (invoices.month_at at time zone 'UTC' + interval '1 month') at time zone 'UTC' <= ${until}::timestamptz)
    order by invoices.created_at, invoices.id`,
  );
  return rows.map((row) => String(row.id));
}
