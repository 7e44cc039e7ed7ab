/** Invoices as JSON and CSV, with the state that their breach and the time give them. */

import { draftClosesAtMs } from '../../../invoice/closing.ts';
import { invoiceStateOf, type StateRules } from '../../../invoice/state.ts';
import { utcDateOf } from '../../../receivable/date.ts';
import { type Cell, csvLines } from '../../../report/csv.ts';
import {
  INVOICE_COLUMNS,
  type InvoiceSummary,
  invoiceCells,
  invoiceView,
  lineView,
} from '../../../report/invoice-view.ts';
import { LINE_COLUMNS, lineCells } from '../../../report/invoices/line-cells.ts';
import type { AdminDeps } from '../../deps.ts';
import type { InvoiceFilter, Page } from '../../port.ts';
import { actionsOf, unknownInvoice } from './invoice-refusal.ts';

/** Number of rows per read from the ledger while a CSV is streamed. */
const CSV_PAGE = 500;

export type InvoiceDeps = Pick<AdminDeps, 'store' | 'invoiceBook' | 'billing' | 'rules' | 'now'>;

export function stateRules({ rules, now }: Pick<InvoiceDeps, 'rules' | 'now'>): StateRules {
  return { latenessMs: rules.latenessMs, approval: rules.approval, nowMs: now() };
}

/** Loads the tariffs of the clients of `invoices` and returns a function that renders any of them. */
export async function invoiceViewer(deps: InvoiceDeps, invoices: readonly InvoiceSummary[]) {
  const versions = await deps.store.tariffsFor([...new Set(invoices.map(({ clientId }) => clientId))]);
  const rules = stateRules(deps);
  const today = utcDateOf(rules.nowMs);
  return (invoice: InvoiceSummary) => ({
    ...invoiceView(invoice, draftClosesAtMs(invoice, invoice.breach, versions, deps.rules), today),
    state: invoiceStateOf(invoice, invoice.breach, rules),
  });
}

/** Throws if there is no such invoice. */
export async function invoiceDetail(deps: InvoiceDeps, id: string) {
  const invoice = await deps.store.invoice(id);
  const [found] = await deps.invoiceBook.decidable([id]);
  if (invoice === null || found === undefined) throw unknownInvoice();
  const view = await invoiceViewer(deps, [invoice]);
  const lines = invoice.lines.map((line) => lineView(line, invoice.currency, invoice.tariffs));
  const actions = actionsOf(found, deps.rules, await deps.billing.numbers(), deps.now());
  return { ...view(invoice), lines, actions };
}

/** All invoices of the filter, one row each. */
export async function* invoicesCsv(deps: InvoiceDeps, filter: InvoiceFilter): AsyncGenerator<string> {
  let header: readonly Cell[][] = [[...INVOICE_COLUMNS]];
  for await (const page of pagesOf(deps, filter)) {
    const view = await invoiceViewer(deps, page);
    yield csvLines([...header, ...page.map((item) => invoiceCells(view(item)))]);
    header = [];
  }
}

/** The lines of all invoices of the filter, one row each. */
export async function* linesCsv(deps: InvoiceDeps, filter: InvoiceFilter): AsyncGenerator<string> {
  let header: readonly Cell[][] = [[...LINE_COLUMNS]];
  for await (const page of pagesOf(deps, filter)) {
    const { byInvoice, tariffs } = await deps.invoiceBook.linesOf(page.map(({ id }) => id));
    const rows = page.flatMap((invoice) =>
      (byInvoice.get(invoice.id) ?? []).map((line, position) =>
        lineCells(invoice, position, lineView(line, invoice.currency, tariffs)),
      ),
    );
    yield csvLines([...header, ...rows]);
    header = [];
  }
}

async function* pagesOf({ store }: InvoiceDeps, filter: InvoiceFilter) {
  let after: string | null = null;
  do {
    const page: Page<InvoiceSummary> = await store.invoices(filter, { limit: CSV_PAGE, after });
    yield page.items;
    after = page.next;
  } while (after !== null);
}
