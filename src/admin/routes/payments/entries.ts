/** Routes of the entries of the book: those of an invoice, reversal, and what credit notes leave. */

import { createRoute, z } from '@hono/zod-openapi';
import { utcDateOf } from '../../../receivable/date.ts';
import { anyRole, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { NO_QUERY, RecordId } from '../../fields.ts';
import { problems } from '../../problem.ts';
import { unknownInvoice } from '../invoices/invoice-refusal.ts';
import { allocationsIn, demandPast, positiveAmount, writtenOrProblem } from './book-refusal.ts';
import {
  AllocationsIn,
  EntrySchema,
  entryJson,
  RefundIn,
  RefundSchema,
  ReversalIn,
  refundJson,
  WrittenEntrySchema,
  writtenEntryJson,
} from './payment-schemas.ts';

type Deps = Pick<AdminDeps, 'payments' | 'store' | 'now' | 'newId'>;

const tags = ['payments'];
const creditNote = z.object({ creditNoteId: RecordId });
const EntriesSchema = z.object({ items: z.array(EntrySchema) }).openapi('EntryList');
const WrittenEntriesSchema = z.object({ items: z.array(WrittenEntrySchema) }).openapi('WrittenEntryList');

export function entryRoutes(app: AdminApp, deps: Deps): void {
  const whoOf = (actor: string) => ({ actor, atMs: deps.now() });
  const currencyOf = async (invoiceId: string) => {
    const invoice = await deps.store.invoice(invoiceId);
    if (invoice === null) throw unknownInvoice();
    return invoice.currency;
  };

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/invoices/{invoiceId}/entries',
      operationId: 'listEntries',
      summary: 'Entries of the book of an invoice, in the order of writing; of a credit note, what it pays',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY, params: z.object({ invoiceId: RecordId }) },
      responses: { ...json(200, 'The entries.', EntriesSchema), ...problems(404) },
    }),
    async (c) => {
      const { invoiceId } = c.req.valid('param');
      const currency = await currencyOf(invoiceId);
      const entries = (await deps.payments.entries(invoiceId)) ?? [];
      return c.json({ items: entries.map((entry) => entryJson(entry, currency)) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/entries/{entryId}/reverse',
      operationId: 'reverseEntry',
      summary: 'Reverse a payment, credit or write-off in the book, once',
      tags,
      ...requires('finance'),
      request: {
        query: NO_QUERY,
        params: z.object({
          entryId: z.coerce.number().int().min(1).openapi({ type: 'integer', minimum: 1 }),
        }),
        body: jsonBody(ReversalIn),
      },
      responses: { ...json(201, 'The reversal.', WrittenEntrySchema), ...problems(404, 409, 413, 415) },
    }),
    async (c) => {
      const today = utcDateOf(deps.now());
      const { on = today, reason } = c.req.valid('json');
      demandPast('on', on, today);
      const { entryId } = c.req.valid('param');
      const result = await deps.payments.reverse({ entryId, on, reason }, whoOf(c.get('caller').actor));
      const entry = writtenOrProblem(result);
      return c.json(writtenEntryJson(entry, await currencyOf(entry.invoiceId)), 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/credit-notes/{creditNoteId}/allocations',
      operationId: 'allocateCreditNote',
      summary: 'Allocate what is left of an issued credit note to invoices of its client',
      tags,
      ...requires('finance'),
      request: { query: NO_QUERY, params: creditNote, body: jsonBody(AllocationsIn) },
      responses: {
        ...json(200, 'The written entries.', WrittenEntriesSchema),
        ...problems(404, 409, 413, 415),
      },
    }),
    async (c) => {
      const id = c.req.valid('param').creditNoteId;
      const currency = await currencyOf(id);
      const allocations = allocationsIn(c.req.valid('json').allocations, currency);
      const who = whoOf(c.get('caller').actor);
      const written = writtenOrProblem(
        await deps.payments.allocate({ kind: 'credit_note', id }, allocations, who),
      );
      return c.json({ items: written.map((entry) => writtenEntryJson(entry, currency)) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/credit-notes/{creditNoteId}/refunds',
      operationId: 'refundCreditNote',
      summary: 'Record that what is left of an issued credit note, or a part of it, was paid out',
      tags,
      ...requires('finance'),
      request: { query: NO_QUERY, params: creditNote, body: jsonBody(RefundIn) },
      responses: { ...json(201, 'The refund.', RefundSchema), ...problems(404, 409, 413, 415) },
    }),
    async (c) => {
      const { creditNoteId } = c.req.valid('param');
      const currency = await currencyOf(creditNoteId);
      const today = utcDateOf(deps.now());
      const { amount, reason, paidOn = today } = c.req.valid('json');
      demandPast('paidOn', paidOn, today);
      const amountMinor = positiveAmount('amount', amount, currency);
      const refund = { id: deps.newId(), paymentId: null, creditNoteId, paidOn, amountMinor, reason };
      const paid = writtenOrProblem(await deps.payments.refund(refund, whoOf(c.get('caller').actor)));
      return c.json(refundJson(paid, currency), 201);
    },
  );
}
