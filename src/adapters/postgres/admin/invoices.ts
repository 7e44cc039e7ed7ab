/** Invoices as the administration reads them, with the totals of their lines. Billing writes them. */

import { and, asc, eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { InvoiceFilter, InvoiceQueries, PageRequest } from '../../../admin/port.ts';
import type { UniqueCount } from '../../../meter/unique/count.ts';
import type { InvoiceSummary } from '../../../report/invoice-view.ts';
import { sumOfDays } from '../../../report/unique.ts';
import { breachOf, frozenUnique, invoiceOf, tariffVersionOf } from '../billing/rows.ts';
import type { LedgerDb } from '../connection/db.ts';
import { invoiceConditions } from '../invoices/filter.ts';
import { invoiceOrder } from '../invoices/order.ts';
import { receivableOf } from '../receivable/rows.ts';
import { receivables } from '../receivable/tables.ts';
import { breaches, clients, invoiceLines, invoices, tariffVersions } from '../schema.ts';
import { uniqueDaysOf } from '../usage/unique-days.ts';
import { pageOf, rowsAsked } from './page.ts';

type InvoiceRow = Awaited<ReturnType<typeof selectInvoices>>[number];
type SummaryRow = InvoiceRow & { readonly unique: UniqueCount | null };

export function invoiceQueries(db: LedgerDb): InvoiceQueries {
  return {
    async invoices(filter, page) {
      const rows = await selectInvoices(db, filter, page);
      const shown = await withUnique(db, rows);
      return pageOf(shown, page, summaryOf, (row) => invoiceOrder(filter.sort).keyOf(row));
    },

    async invoice(id) {
      const rows = await selectInvoices(db, { id }, { limit: 1, after: null });
      const [row] = await withUnique(db, rows);
      if (row === undefined) return null;
      const lines = await db
        .select()
        .from(invoiceLines)
        .where(eq(invoiceLines.invoiceId, id))
        .orderBy(asc(invoiceLines.position));
      const versionIds = lines.map(({ tariffVersionId }) => tariffVersionId);
      const tariffs = await db.select().from(tariffVersions).where(inArray(tariffVersions.id, versionIds));
      return {
        ...summaryOf(row),
        lines: invoiceOf(row.invoice, lines).lines,
        tariffs: tariffs.map(tariffVersionOf),
      };
    },
  };
}

/** Sums lines only for the rows of the page, not for the whole table. */
function selectInvoices(db: LedgerDb, filter: InvoiceFilter & { readonly id?: string }, page: PageRequest) {
  const order = invoiceOrder(filter.sort);
  return db
    .select({
      invoice: invoices,
      breach: breaches,
      receivable: receivables,
      legalName: clients.legalName,
      fromMs: ofLines(sql`extract(epoch from min(${invoiceLines.fromAt})) * 1000`).mapWith(numberOrNull),
      toMs: ofLines(sql`extract(epoch from max(${invoiceLines.toAt})) * 1000`).mapWith(numberOrNull),
      posts: ofLines(sql`coalesce(sum(${invoiceLines.posts}), 0)`).mapWith(Number),
    })
    .from(invoices)
    .innerJoin(clients, eq(clients.id, invoices.clientId))
    .leftJoin(breaches, eq(breaches.id, invoices.breachId))
    .leftJoin(receivables, eq(receivables.invoiceId, invoices.id))
    .where(
      and(
        filter.id === undefined ? undefined : eq(invoices.id, filter.id),
        ...invoiceConditions(filter),
        page.after === null ? undefined : order.isAfter(page.after),
      ),
    )
    .orderBy(...order.by)
    .limit(rowsAsked(page));
}

/** An issued invoice shows the frozen count, the others the ledger's current one. */
async function withUnique(db: LedgerDb, rows: readonly InvoiceRow[]): Promise<SummaryRow[]> {
  const times = rows.flatMap(({ invoice, fromMs, toMs }) =>
    invoice.status === 'issued' || fromMs === null || toMs === null
      ? []
      : [{ id: invoice.id, clientId: invoice.clientId, fromMs, toMs }],
  );
  const days = await uniqueDaysOf(db, times);
  const now = new Map(times.map(({ id }, index) => [id, sumOfDays(days[index]!)]));
  return rows.map((row) => ({
    ...row,
    unique: now.get(row.invoice.id) ?? frozenUnique(row.invoice.uniquePosts),
  }));
}

function ofLines(expression: SQL): SQL {
  return sql`(select ${expression} from ${invoiceLines} where ${invoiceLines.invoiceId} = ${invoices.id})`;
}

function numberOrNull(value: unknown): number | null {
  return value === null ? null : Number(value);
}

function summaryOf({ invoice, breach, receivable, legalName, ...ofItsLines }: SummaryRow): InvoiceSummary {
  const { lines, ...header } = invoiceOf(invoice, []);
  const { contentHash, usageHash } = invoice;
  return {
    ...header,
    ...ofItsLines,
    breach: breach === null ? null : breachOf(breach),
    receivable: receivable === null ? null : receivableOf(receivable),
    contentHash,
    usageHash,
    legalName: header.billTo?.legalName ?? legalName,
  };
}
