/** One client's billing state in the ledger, locked by its row in billing_due until the transaction ends. */

import { and, asc, eq, gt, gte, inArray, lt, ne, or, sql } from 'drizzle-orm';
import type { Invoice } from '../../../invoice/model.ts';
import type { BillingAccount, BillingChanges } from '../../../invoice/port.ts';
import { billingEvents } from '../../../notify/billing-events.ts';
import type { DeliveriesAt } from '../../../tariff/posts.ts';
import { writeAudit } from '../admin/audit.ts';
import type { LedgerDb } from '../connection/db.ts';
import { writeEvents } from '../notify/write-events.ts';
import { billingDue, breaches, invoiceLines, invoices, uniqueBuckets, usage } from '../schema.ts';
import { versionsOf } from '../tariff-rows.ts';
import { breachOf, breachRow, invoiceOf, invoiceRow, lineRows, tariffVersionOf } from './rows.ts';

/** One week of minutes. */
const PAGE_BUCKETS = 10_000;

/**
 * Locks the billing state. A gateway that adds usage of the client waits for the same row before it commits, so
 * later reads see all the usage that the dirty mark covers. `tx` is read committed.
 */
export async function lockAccount(tx: LedgerDb, clientId: string): Promise<{ dirtyFrom: Date | null }> {
  const [row] = await tx.select().from(billingDue).where(eq(billingDue.clientId, clientId)).for('update');
  if (row !== undefined) return row;
  await tx.insert(billingDue).values({ clientId }).onConflictDoNothing();
  return lockAccount(tx, clientId);
}

/** `nowMs` is written into the rows. */
export async function openAccount(
  tx: LedgerDb,
  clientId: string,
  nowMs: () => number,
): Promise<BillingAccount> {
  const { dirtyFrom } = await lockAccount(tx, clientId);
  return accountOf(tx, clientId, dirtyFrom, nowMs);
}

/** Reads a billing state. The caller has locked it, or reads one snapshot and does not write. */
export async function accountOf(
  tx: LedgerDb,
  clientId: string,
  dirtyFrom: Date | null,
  nowMs: () => number,
): Promise<BillingAccount> {
  const versions = await versionsOf(tx, [clientId]);
  return {
    clientId,
    dirtyFromMs: dirtyFrom?.getTime() ?? null,
    tariffs: versions.map(tariffVersionOf),
    breachesReaching: async (fromMs) => {
      const unfinished = inArray(breaches.state, ['open', 'settling']);
      const reaching = Number.isFinite(fromMs)
        ? or(gte(breaches.stretchTo, new Date(fromMs)), unfinished)
        : unfinished;
      const rows = await tx
        .select()
        .from(breaches)
        .where(and(eq(breaches.clientId, clientId), reaching));
      return rows.map(breachOf);
    },
    usage: (fromMs) => deliveriesOf(tx, clientId, fromMs),
    invoices: (breachIds, fromMonthMs) => readInvoices(tx, clientId, breachIds, fromMonthMs),
    write: (changes) => writeChanges(tx, clientId, changes, nowMs()),
  };
}

/**
 * Posts of the client by bucket in [fromMs, toMs), with the count of unique posts beside them. Reads page by page,
 * because the rows of a million buckets at once took 0.7 GB. For billing, `tx` must prevent changes meanwhile, by
 * locking the billing state or by reading one snapshot.
 */
export async function deliveriesOf(
  tx: LedgerDb,
  clientId: string,
  fromMs: number,
  toMs = Number.POSITIVE_INFINITY,
  pageBuckets = PAGE_BUCKETS,
): Promise<DeliveriesAt[]> {
  const served: DeliveriesAt[] = [];
  for (let nextMs = fromMs; ; ) {
    const page = await servedPage(tx, clientId, nextMs, toMs, pageBuckets);
    served.push(...page);
    if (page.length < pageBuckets) return served;
    nextMs = page.at(-1)!.bucketMs + 1;
  }
}

async function servedPage(
  tx: LedgerDb,
  clientId: string,
  fromMs: number,
  toMs: number,
  limit: number,
): Promise<DeliveriesAt[]> {
  const isBefore = Number.isFinite(toMs) ? lt(usage.bucketAt, new Date(toMs)) : undefined;
  const isAfter = gte(usage.bucketAt, new Date(fromMs));
  const { identified, firstPosts } = uniqueBuckets;
  const rows = await tx
    .select({
      bucketAt: usage.bucketAt,
      posts: sql`sum(${usage.posts})`.mapWith(Number),
      repeats: sql`coalesce(max(${identified} - ${firstPosts}), 0)`.mapWith(Number),
    })
    .from(usage)
    .leftJoin(
      uniqueBuckets,
      and(eq(uniqueBuckets.clientId, usage.clientId), eq(uniqueBuckets.bucketAt, usage.bucketAt)),
    )
    .where(and(eq(usage.clientId, clientId), isAfter, isBefore, gt(usage.posts, 0)))
    .groupBy(usage.bucketAt)
    .orderBy(usage.bucketAt)
    .limit(limit);
  return rows.map(({ bucketAt, posts, repeats }) => ({
    bucketMs: bucketAt.getTime(),
    posts,
    uniquePosts: posts - repeats,
  }));
}

async function readInvoices(
  tx: LedgerDb,
  clientId: string,
  breachIds: readonly string[],
  fromMonthMs: number,
): Promise<Invoice[]> {
  const rows = await tx
    .select()
    .from(invoices)
    .where(
      and(
        eq(invoices.clientId, clientId),
        ne(invoices.status, 'void'),
        or(inArray(invoices.breachId, [...breachIds]), gte(invoices.monthAt, new Date(fromMonthMs))),
      ),
    );
  return withLines(tx, rows);
}

/** The invoices of these rows with their lines, in one statement. */
export async function withLines(
  tx: LedgerDb,
  rows: readonly (typeof invoices.$inferSelect)[],
): Promise<Invoice[]> {
  const ids = rows.map((row) => row.id);
  const lines = await tx
    .select()
    .from(invoiceLines)
    .where(inArray(invoiceLines.invoiceId, ids))
    .orderBy(asc(invoiceLines.position));
  const byInvoice = new Map(rows.map((row) => [row.id, { row, lines: [] as typeof lines }]));
  for (const line of lines) byInvoice.get(line.invoiceId)?.lines.push(line);
  return Array.from(byInvoice.values(), (found) => invoiceOf(found.row, found.lines));
}

async function writeChanges(
  tx: LedgerDb,
  clientId: string,
  changes: BillingChanges,
  nowMs: number,
): Promise<void> {
  const before = await storedStates(tx, changes);
  for (const breach of changes.breaches) {
    const { id, ...row } = breachRow(breach, nowMs);
    await tx
      .insert(breaches)
      .values({ id, ...row, createdAt: new Date(nowMs) })
      .onConflictDoUpdate({ target: breaches.id, set: row });
  }
  for (const invoice of changes.invoices) await writeDraft(tx, invoice);
  for (const { action, invoiceId, reason } of changes.notes) {
    await writeAudit(
      tx,
      { actor: 'billing', atMs: nowMs },
      { action, subject: `invoices/${invoiceId}`, reason },
    );
  }
  await writeEvents(tx, billingEvents(changes, before, nowMs));
  const dueAt = changes.dueAtMs === null ? null : new Date(changes.dueAtMs);
  await tx.update(billingDue).set({ dirtyFrom: null, dueAt }).where(eq(billingDue.clientId, clientId));
}

/** What the ledger has of the changed breaches and invoices. */
async function storedStates(tx: LedgerDb, changes: BillingChanges) {
  const idsOf = (rows: ReadonlyArray<{ readonly id: string }>) => rows.map(({ id }) => id);
  const { id, state } = breaches;
  const known =
    changes.breaches.length === 0
      ? []
      : await tx
          .select({ id, state })
          .from(breaches)
          .where(inArray(id, idsOf(changes.breaches)));
  const drafts =
    changes.invoices.length === 0
      ? []
      : await tx
          .select({ id: invoices.id })
          .from(invoices)
          .where(inArray(invoices.id, idsOf(changes.invoices)));
  return {
    breaches: new Map(known.map((breach) => [breach.id, breach.state])),
    invoices: new Set(idsOf(drafts)),
  };
}

/** Adds or replaces an invoice that is not issued, with its lines. */
export async function writeDraft(tx: LedgerDb, invoice: Invoice): Promise<void> {
  const { id, ...row } = invoiceRow(invoice);
  const written = await tx
    .insert(invoices)
    .values({ id, ...row })
    .onConflictDoUpdate({ target: invoices.id, set: row, setWhere: ne(invoices.status, 'issued') })
    .returning({ id: invoices.id });
  if (written.length === 0) throw new Error(`invoice ${id} is issued and cannot be edited`);
  await tx.delete(invoiceLines).where(eq(invoiceLines.invoiceId, id));
  await tx.insert(invoiceLines).values(lineRows(invoice));
}
