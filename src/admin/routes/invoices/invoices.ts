/** Routes of invoices: their list and sums as JSON or CSV, and approval, rejection and issue by finance. */

import { createRoute, z } from '@hono/zod-openapi';
import { INVOICE_STATES } from '../../../invoice/state.ts';
import { AGE_BUCKETS, ageingOf } from '../../../receivable/ageing.ts';
import { utcDateOf } from '../../../receivable/date.ts';
import { RECEIVABLE_LABELS } from '../../../receivable/label.ts';
import { formatMoney } from '../../../tariff/money.ts';
import { anyRole, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import { CSV_CONTENT, csvResponse, FORMAT_QUERY, wantsCsv } from '../../csv-response.ts';
import type { AdminApp } from '../../deps.ts';
import { AmountOut, NO_QUERY, Reason, RecordId } from '../../fields.ts';
import { pageAsk, pageFields, pageJson, pageSchema } from '../../paging.ts';
import type { InvoiceFilter } from '../../port.ts';
import { fieldProblem, problems } from '../../problem.ts';
import {
  type InvoiceDeps,
  invoiceDetail,
  invoicesCsv,
  invoiceViewer,
  linesCsv,
  stateRules,
} from './invoice-json.ts';
import { demandCursorOf, FILTER_QUERY, filterOf, INVOICE_KEY, SORT_QUERY } from './invoice-query.ts';
import { invoiceRefusal } from './invoice-refusal.ts';
import { DetailSchema, InvoiceSchema } from './invoice-schemas.ts';

const RejectionIn = z.strictObject({ reason: Reason }).openapi('InvoiceRejection');
const params = z.object({ invoiceId: RecordId });
const tags = ['invoices'];

const SumsSchema = z
  .object({
    items: z.array(
      z.object({
        state: z.enum(INVOICE_STATES),
        currency: z.string(),
        invoices: z.int(),
        amount: AmountOut.openapi({ description: 'Credit notes reduce it.' }),
      }),
    ),
    receivables: z.array(
      z.object({
        label: z.enum(RECEIVABLE_LABELS),
        currency: z.string(),
        invoices: z.int(),
        open: AmountOut,
      }),
    ),
    ageing: z
      .array(
        z.object({
          currency: z.string(),
          ...Object.fromEntries(AGE_BUCKETS.map((bucket) => [bucket, AmountOut])),
          disputed: AmountOut,
          total: AmountOut,
        }),
      )
      .openapi({
        description:
          'What is owed by days since the due date, as at today (UTC). Disputed amounts are apart.',
      }),
  })
  .openapi('InvoiceSums');

export type InvoiceSumsJson = z.infer<typeof SumsSchema>;

export function invoiceRoutes(app: AdminApp, deps: InvoiceDeps): void {
  listRoutes(app, deps);

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/invoices/{invoiceId}',
      operationId: 'getInvoice',
      summary: 'One invoice with its lines, and what finance can do with it now',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY, params },
      responses: { ...json(200, 'The invoice.', DetailSchema), ...problems(404) },
    }),
    async (c) => c.json(await invoiceDetail(deps, c.req.valid('param').invoiceId), 200),
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
      const { actor, tokenId } = c.get('caller');
      const outcome = await deps.billing.approveInvoice(invoiceId, actor, deps.now(), tokenId);
      const refusal = invoiceRefusal(outcome);
      if (refusal !== null) throw refusal;
      return c.json(await invoiceDetail(deps, invoiceId), 200);
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
      return c.json(await invoiceDetail(deps, invoiceId), 200);
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
      const { actor, tokenId } = c.get('caller');
      const outcome = await deps.billing.issueInvoice(invoiceId, actor, deps.now(), tokenId);
      const refusal = invoiceRefusal(outcome);
      if (refusal !== null) throw refusal;
      return c.json(await invoiceDetail(deps, invoiceId), 200);
    },
  );
}

function listRoutes(app: AdminApp, deps: InvoiceDeps): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/invoices',
      operationId: 'listInvoices',
      summary: 'Invoices, newest first by default; CSV contains all matches regardless of the limit',
      tags,
      ...anyRole(),
      request: {
        query: z.strictObject({
          ...pageFields(INVOICE_KEY),
          ...FILTER_QUERY,
          ...SORT_QUERY,
          ...FORMAT_QUERY,
          rows: z.enum(['invoices', 'lines']).default('invoices').openapi({
            description: 'CSV only: one row for each invoice, or one for each line.',
          }),
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
      const { format, bom, rows, sort, limit, cursor, ...query } = c.req.valid('query');
      const filter = { ...filterOf(query, stateRules(deps)), sort };
      const asked = { format, bom };
      if (wantsCsv(c, asked)) {
        return rows === 'lines'
          ? csvResponse('invoice-lines', linesCsv(deps, filter), asked)
          : csvResponse('invoices', invoicesCsv(deps, filter), asked);
      }
      if (rows === 'lines') {
        throw fieldProblem(400, 'rows', 'is for CSV only', 'add format=csv, or omit it');
      }
      const page = pageAsk({ limit, cursor });
      demandCursorOf(sort, page.after);
      const found = await deps.store.invoices(filter, page);
      const view = await invoiceViewer(deps, found.items);
      return c.json(pageJson(found, view), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/invoices/sums',
      operationId: 'sumInvoices',
      summary: 'Number and amount of the invoices of a query, by state and currency',
      description:
        'The query of the list. `state` does not narrow the sums by state, and `label` does not narrow those by label, so that one call has the figures of every tab.',
      tags,
      ...anyRole(),
      request: { query: z.strictObject(FILTER_QUERY) },
      responses: { ...json(200, 'The sums.', SumsSchema), ...problems() },
    }),
    async (c) => {
      const rules = stateRules(deps);
      const sums = await deps.invoiceBook.sums(filterOf(c.req.valid('query'), rules), rules);
      const items = sums.map(({ amountMinor, ...sum }) => ({
        ...sum,
        amount: formatMoney(amountMinor, sum.currency),
      }));
      return c.json({ items, ...(await owedJson(deps, filterOf(c.req.valid('query'), rules))) }, 200);
    },
  );
}

async function owedJson({ invoiceBook, now }: InvoiceDeps, filter: InvoiceFilter) {
  const today = utcDateOf(now());
  const { labels, debts } = await invoiceBook.owed(filter, today);
  const receivables = labels.map(({ openMinor, ...sum }) => ({
    ...sum,
    open: formatMoney(openMinor, sum.currency),
  }));
  const ageing = ageingOf(debts, today).map(({ currency, buckets, disputedMinor, totalMinor }) => ({
    currency,
    ...Object.fromEntries(AGE_BUCKETS.map((bucket) => [bucket, formatMoney(buckets[bucket], currency)])),
    disputed: formatMoney(disputedMinor, currency),
    total: formatMoney(totalMinor, currency),
  }));
  return { receivables, ageing };
}
