/** Invoices: drafts that grow, their approval and issue by finance, and the list as JSON or CSV. */

import { createRoute, z } from '@hono/zod-openapi';
import { type Cell, csvLines } from '../../report/csv.ts';
import { INVOICE_COLUMNS, invoiceCells, invoiceView, lineView } from '../../report/invoice-view.ts';
import { readers, requires } from '../auth.ts';
import { CSV_CONTENT, csvResponse, wantsCsv } from '../csv-response.ts';
import type { AdminApp, AdminDeps } from '../deps.ts';
import { ClientId, Format, NO_QUERY, RecordId } from '../fields.ts';
import { pageAsk, pageFields, pageJson, pageSchema, UUID_KEY } from '../paging.ts';
import type { InvoiceDetail, InvoiceFilter } from '../port.ts';
import { problems } from '../problem.ts';
import { invoiceRefusal, unknownInvoice } from './invoice-refusal.ts';
import { DetailSchema, InvoiceSchema, Status } from './invoice-schemas.ts';

const params = z.object({ invoiceId: RecordId });
const oneInvoice = { 'application/json': { schema: DetailSchema } };
const tags = ['invoices'];
/** Rows that are read from the ledger at once while a CSV is sent. */
const CSV_PAGE = 500;

export function invoiceRoutes(app: AdminApp, deps: Pick<AdminDeps, 'store' | 'billing' | 'now'>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/invoices',
      operationId: 'listInvoices',
      summary: 'Invoices, newest first; as CSV all that match, whatever the limit',
      tags,
      ...readers(),
      request: {
        query: z.strictObject({
          ...pageFields(UUID_KEY),
          client: ClientId.optional(),
          status: Status.optional(),
          format: Format,
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
      const { client, status, format, ...page } = c.req.valid('query');
      const filter = { clientId: client, status };
      if (wantsCsv(c, format)) return csvResponse('invoices', csvOf(deps, filter));
      return c.json(pageJson(await deps.store.invoices(filter, pageAsk(page)), invoiceView), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/invoices/{invoiceId}',
      operationId: 'getInvoice',
      summary: 'One invoice with its lines',
      tags,
      ...readers(),
      request: { query: NO_QUERY, params },
      responses: { 200: { description: 'The invoice.', content: oneInvoice }, ...problems(404) },
    }),
    async (c) => c.json(detailJson(await existingInvoice(deps, c.req.valid('param').invoiceId)), 200),
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
      responses: { 200: { description: 'As it is now.', content: oneInvoice }, ...problems(404, 409) },
    }),
    async (c) => {
      const { invoiceId } = c.req.valid('param');
      const outcome = await deps.billing.approveInvoice(invoiceId, c.get('caller').actor, deps.now());
      const refusal = invoiceRefusal(outcome);
      if (refusal !== null) throw refusal;
      return c.json(detailJson(await existingInvoice(deps, invoiceId)), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/invoices/{invoiceId}/issue',
      operationId: 'issueInvoice',
      summary: 'Issue an approved invoice: it gets its number and is never changed again',
      tags,
      ...requires('finance'),
      request: { query: NO_QUERY, params },
      responses: { 200: { description: 'As issued.', content: oneInvoice }, ...problems(404, 409) },
    }),
    async (c) => {
      const { invoiceId } = c.req.valid('param');
      const outcome = await deps.billing.issueInvoice(invoiceId, c.get('caller').actor, deps.now());
      const refusal = invoiceRefusal(outcome);
      if (refusal !== null) throw refusal;
      return c.json(detailJson(await existingInvoice(deps, invoiceId)), 200);
    },
  );
}

async function existingInvoice({ store }: Pick<AdminDeps, 'store'>, id: string): Promise<InvoiceDetail> {
  const invoice = await store.invoice(id);
  if (invoice === null) throw unknownInvoice();
  return invoice;
}

async function* csvOf({ store }: Pick<AdminDeps, 'store'>, filter: InvoiceFilter): AsyncGenerator<string> {
  let header: readonly Cell[][] = [[...INVOICE_COLUMNS]];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof store.invoices>> = await store.invoices(filter, {
      limit: CSV_PAGE,
      after,
    });
    yield csvLines([...header, ...page.items.map((item) => invoiceCells(invoiceView(item)))]);
    header = [];
    after = page.next;
  } while (after !== null);
}

function detailJson({ lines, ...summary }: InvoiceDetail) {
  return { ...invoiceView(summary), lines: lines.map((line) => lineView(line, summary.currency)) };
}
