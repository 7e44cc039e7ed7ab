/** Routes of payments: their list, recording, allocation and refund. */

import { createRoute, z } from '@hono/zod-openapi';
import { proposeAllocation } from '../../../receivable/allocate.ts';
import { utcDateOf } from '../../../receivable/date.ts';
import { anyRole, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import { CSV_CONTENT, csvResponse, FORMAT_QUERY, wantsCsv } from '../../csv-response.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { ClientId, CurrencyCode, DateIn, lineOfText, NO_QUERY, RecordId } from '../../fields.ts';
import { pageAsk, pageFields, pageJson, pageSchema, UUID_KEY } from '../../paging.ts';
import type { PaymentFilter } from '../../payments/port.ts';
import { fieldProblem, problems } from '../../problem.ts';
import { allocationsIn, bookProblem, demandPast, positiveAmount, writtenOrProblem } from './book-refusal.ts';
import { paymentsCsv } from './payment-csv.ts';
import {
  AllocationsIn,
  debtJson,
  entryJson,
  PaymentDetailSchema,
  PaymentIn,
  PaymentSchema,
  paymentJson,
  RefundIn,
  refundJson,
  SellerIdIn,
} from './payment-schemas.ts';

export type PaymentDeps = Pick<AdminDeps, 'payments' | 'now' | 'newId'>;

const params = z.object({ paymentId: RecordId });
const tags = ['payments'];

const FILTER_QUERY = {
  seller: SellerIdIn.optional(),
  client: ClientId.optional(),
  currency: CurrencyCode.optional(),
  q: lineOfText(200).optional().openapi({
    description: 'Text in the payer, the reference, the note, the external id or the client.',
  }),
  receivedFrom: DateIn.optional(),
  receivedTo: DateIn.optional().openapi({ description: 'Inclusive.' }),
  left: z.enum(['true']).optional().openapi({ description: 'Only payments of which something is left.' }),
};

function filterOf(query: z.output<z.ZodObject<typeof FILTER_QUERY>>): PaymentFilter {
  const { seller, client, currency, q, receivedFrom, receivedTo, left } = query;
  return {
    ...{ sellerId: seller, clientId: client, currency, q, receivedFrom, receivedTo },
    hasLeft: left === 'true' ? true : undefined,
  };
}

export function paymentRoutes(app: AdminApp, deps: PaymentDeps): void {
  readRoutes(app, deps);
  const whoOf = (actor: string) => ({ actor, atMs: deps.now() });

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/payments',
      operationId: 'recordPayment',
      summary: 'Record a payment, and allocate it in the same step if wanted; payments are final',
      tags,
      ...requires('finance'),
      request: { query: NO_QUERY, body: jsonBody(PaymentIn) },
      responses: {
        ...json(201, 'Recorded.', PaymentDetailSchema),
        ...json(200, 'It was recorded before; nothing changed.', PaymentDetailSchema),
        ...problems(404, 409, 413, 415),
      },
    }),
    async (c) => {
      const { amount, allocations, ...given } = c.req.valid('json');
      demandPast('receivedOn', given.receivedOn, utcDateOf(deps.now()));
      const amountMinor = positiveAmount('amount', amount, given.currency);
      const result = await deps.payments.record(
        { ...given, id: deps.newId(), amountMinor },
        allocationsIn(allocations, given.currency),
        whoOf(c.get('caller').actor),
      );
      if (result.kind === 'refused') throw bookProblem(result);
      if (result.kind === 'differs') {
        throw fieldProblem(
          409,
          'externalId',
          `belongs to another payment of the source ${given.source}: ${result.id}`,
          'use the external id of this payment, or look at the other one',
          'payment_differs',
        );
      }
      return c.json(await paymentOr404(deps, result.id), result.kind === 'recorded' ? 201 : 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/payments/{paymentId}/allocations',
      operationId: 'allocatePayment',
      summary: 'Allocate what is left of a payment to invoices; a write-off of them is reversed first',
      tags,
      ...requires('finance'),
      request: { query: NO_QUERY, params, body: jsonBody(AllocationsIn) },
      responses: { ...json(200, 'The payment.', PaymentDetailSchema), ...problems(404, 409, 413, 415) },
    }),
    async (c) => {
      const id = c.req.valid('param').paymentId;
      const { currency } = await paymentOr404(deps, id);
      const allocations = allocationsIn(c.req.valid('json').allocations, currency);
      const who = whoOf(c.get('caller').actor);
      writtenOrProblem(await deps.payments.allocate({ kind: 'payment', id }, allocations, who));
      return c.json(await paymentOr404(deps, id), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/payments/{paymentId}/refunds',
      operationId: 'refundPayment',
      summary: 'Record that what is left of a payment, or a part of it, went back; refunds are final',
      tags,
      ...requires('finance'),
      request: { query: NO_QUERY, params, body: jsonBody(RefundIn) },
      responses: { ...json(201, 'The payment.', PaymentDetailSchema), ...problems(404, 409, 413, 415) },
    }),
    async (c) => {
      const { paymentId } = c.req.valid('param');
      const { currency } = await paymentOr404(deps, paymentId);
      const { amount, reason, paidOn = utcDateOf(deps.now()) } = c.req.valid('json');
      demandPast('paidOn', paidOn, utcDateOf(deps.now()));
      const amountMinor = positiveAmount('amount', amount, currency);
      const refund = { id: deps.newId(), paymentId, creditNoteId: null, paidOn, amountMinor, reason };
      writtenOrProblem(await deps.payments.refund(refund, whoOf(c.get('caller').actor)));
      return c.json(await paymentOr404(deps, paymentId), 201);
    },
  );
}

function readRoutes(app: AdminApp, deps: PaymentDeps): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/payments',
      operationId: 'listPayments',
      summary: 'Payments, the last recorded first; CSV contains all matches regardless of the limit',
      tags,
      ...anyRole(),
      request: { query: z.strictObject({ ...pageFields(UUID_KEY), ...FILTER_QUERY, ...FORMAT_QUERY }) },
      responses: {
        200: {
          description: 'A page.',
          content: {
            'application/json': { schema: pageSchema(PaymentSchema, 'PaymentPage') },
            ...CSV_CONTENT,
          },
        },
        ...problems(),
      },
    }),
    async (c) => {
      const { format, bom, limit, cursor, ...query } = c.req.valid('query');
      const filter = filterOf(query);
      const asked = { format, bom };
      if (wantsCsv(c, asked)) return csvResponse('payments', paymentsCsv(deps.payments, filter), asked);
      return c.json(
        pageJson(await deps.payments.payments(filter, pageAsk({ limit, cursor })), paymentJson),
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/payments/{paymentId}',
      operationId: 'getPayment',
      summary: 'One payment with its entries and refunds, and a proposal for what is left',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY, params },
      responses: { ...json(200, 'The payment.', PaymentDetailSchema), ...problems(404) },
    }),
    async (c) => c.json(await paymentOr404(deps, c.req.valid('param').paymentId), 200),
  );
}

async function paymentOr404({ payments }: PaymentDeps, id: string) {
  const payment = await payments.payment(id);
  if (payment === null) throw fieldProblem(404, 'paymentId', 'does not exist', 'see /v1/payments');
  const { entries, refunds, ...record } = payment;
  const { currency, sellerId, clientId, leftMinor } = payment;
  const debts =
    leftMinor === 0n ? [] : await payments.debts({ sellerId, currency, clientId: clientId ?? undefined });
  const proposed = clientId === null ? [] : proposeAllocation(leftMinor, debts);
  const amounts = new Map(proposed.map(({ invoiceId, amountMinor }) => [invoiceId, amountMinor]));
  return {
    ...paymentJson(record),
    entries: entries.map((entry) => entryJson(entry, currency)),
    refunds: refunds.map((refund) => refundJson(refund, currency)),
    proposal: debts.map((debt) => debtJson(debt, amounts)),
  };
}
