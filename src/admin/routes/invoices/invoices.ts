/** Routes of invoices: listing as JSON or CSV, and approval, rejection and issue by finance. */

import { createRoute, z } from '@hono/zod-openapi';
import { draftClosesAtMs } from '../../../invoice/closing.ts';
import { type Cell, csvLines } from '../../../report/csv.ts';
import {
  INVOICE_COLUMNS,
  type InvoiceSummary,
  invoiceCells,
  invoiceView,
  lineView,
} from '../../../report/invoice-view.ts';
import { anyRole, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import { CSV_CONTENT, csvResponse, FORMAT_QUERY, wantsCsv } from '../../csv-response.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { ClientId, NO_QUERY, Reason, RecordId } from '../../fields.ts';
import { pageAsk, pageFields, pageJson, pageSchema, UUID_KEY } from '../../paging.ts';
import type { InvoiceFilter, Page } from '../../port.ts';
import { problems } from '../../problem.ts';
import { invoiceRefusal, unknownInvoice } from './invoice-refusal.ts';
import { DetailSchema, InvoiceSchema, Status } from './invoice-schemas.ts';

const RejectionIn = z.strictObject({ reason: Reason }).openapi('InvoiceRejection');
const params = z.object({ invoiceId: RecordId });
const tags = ['invoices'];
/** Number of rows per read from the ledger while a CSV is streamed. */
const CSV_PAGE = 500;

type Views = Pick<AdminDeps, 'store' | 'rules'>;

export function invoiceRoutes(app: AdminApp, deps: Views & Pick<AdminDeps, 'billing' | 'now'>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/invoices',
      operationId: 'listInvoices',
      summary: 'Invoices, newest first; CSV contains all matches regardless of the limit',
      tags,
      ...anyRole(),
      request: {
        query: z.strictObject({
          ...pageFields(UUID_KEY),
          client: ClientId.optional(),
          status: Status.optional(),
          ...FORMAT_QUERY,
        }),
      },
      responses: {
        200: {
          description: 'A page.',
          content: {
            'application/json': { schema: pageSchema(InvoiceSchema, 'InvoicePage') },
            ...CSV_CONTENT,
          },
        },
        ...problems(),
      },
    }),
    async (c) => {
      const { client, status, format, bom, ...page } = c.req.valid('query');
      const filter = { clientId: client, status };
      const asked = { format, bom };
      if (wantsCsv(c, asked)) return csvResponse('invoices', csvOf(deps, filter), asked);
      const found = await deps.store.invoices(filter, pageAsk(page));
      const view = await invoiceViewer(deps, found.items);
      return c.json(pageJson(found, view), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/invoices/{invoiceId}',
      operationId: 'getInvoice',
      summary: 'One invoice with its lines',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY, params },
      responses: { ...json(200, 'The invoice.', DetailSchema), ...problems(404) },
    }),
    async (c) => c.json(await detailJson(deps, c.req.valid('param').invoiceId), 200),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/invoices/{invoiceId}/approve',
      operationId: 'approveInvoice',
      summary: 'Approve a draft; approving again changes nothing',
      tags,
      ...requires('finance'),
      request: { query: NO_QUERY, params },
      responses: { ...json(200, 'The updated invoice.', DetailSchema), ...problems(404, 409) },
    }),
    async (c) => {
      const { invoiceId } = c.req.valid('param');
      const outcome = await deps.billing.approveInvoice(invoiceId, c.get('caller').actor, deps.now());
      const refusal = invoiceRefusal(outcome);
      if (refusal !== null) throw refusal;
      return c.json(await detailJson(deps, invoiceId), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/invoices/{invoiceId}/reject',
      operationId: 'rejectInvoice',
      summary: 'Reject a draft; audited',
      description:
        'Billing does not create a draft with the same amount and lines again. If usage or a tariff changes them, a new draft appears.',
      tags,
      ...requires('finance'),
      request: { query: NO_QUERY, params, body: jsonBody(RejectionIn) },
      responses: { ...json(200, 'The updated invoice.', DetailSchema), ...problems(404, 409, 413, 415) },
    }),
    async (c) => {
      const { invoiceId } = c.req.valid('param');
      const { reason } = c.req.valid('json');
      const { actor } = c.get('caller');
      const refusal = invoiceRefusal(await deps.billing.rejectInvoice(invoiceId, reason, actor, deps.now()));
      if (refusal !== null) throw refusal;
      return c.json(await detailJson(deps, invoiceId), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/invoices/{invoiceId}/issue',
      operationId: 'issueInvoice',
      summary: 'Issue an approved invoice: it gets its number and can no longer change',
      tags,
      ...requires('finance'),
      request: { query: NO_QUERY, params },
      responses: { ...json(200, 'The issued invoice.', DetailSchema), ...problems(404, 409) },
    }),
    async (c) => {
      const { invoiceId } = c.req.valid('param');
      const outcome = await deps.billing.issueInvoice(invoiceId, c.get('caller').actor, deps.now());
      const refusal = invoiceRefusal(outcome);
      if (refusal !== null) throw refusal;
      return c.json(await detailJson(deps, invoiceId), 200);
    },
  );
}

/** Loads the tariffs of the clients of `invoices` and returns a function that renders any of them. */
async function invoiceViewer({ store, rules }: Views, invoices: readonly InvoiceSummary[]) {
  const versions = await store.tariffsFor([...new Set(invoices.map(({ clientId }) => clientId))]);
  return (invoice: InvoiceSummary) =>
    invoiceView(invoice, draftClosesAtMs(invoice, invoice.breach, versions, rules));
}

async function* csvOf(deps: Views, filter: InvoiceFilter): AsyncGenerator<string> {
  let header: readonly Cell[][] = [[...INVOICE_COLUMNS]];
  let after: string | null = null;
  do {
    const page: Page<InvoiceSummary> = await deps.store.invoices(filter, { limit: CSV_PAGE, after });
    const view = await invoiceViewer(deps, page.items);
    yield csvLines([...header, ...page.items.map((item) => invoiceCells(view(item)))]);
    header = [];
    after = page.next;
  } while (after !== null);
}

async function detailJson(deps: Views, id: string) {
  const invoice = await deps.store.invoice(id);
  if (invoice === null) throw unknownInvoice();
  const view = await invoiceViewer(deps, [invoice]);
  const lines = invoice.lines.map((line) => lineView(line, invoice.currency, invoice.tariffs));
  return { ...view(invoice), lines };
}
