/** Routes of manual corrections: credit notes that a person gives on an issued invoice, and their taking back. */

import { createRoute, z } from '@hono/zod-openapi';
import { CREDIT_GROUNDS } from '../../../invoice/manual.ts';
import { parseMoney } from '../../../tariff/money.ts';
import type { Caller } from '../../auth.ts';
import { requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { AmountIn, NO_QUERY, Reason, RecordId } from '../../fields.ts';
import { fieldProblem, problems } from '../../problem.ts';
import type { CorrectionPayload } from '../../proposals/correction.ts';
import { unknownInvoice } from '../invoices/invoice-refusal.ts';
import { ProposalSchema, proposalJson, submittedOrThrow } from '../proposals/proposal-json.ts';

const MAX_LINES = 100;
export const CorrectedLines = z
  .array(
    z.strictObject({
      line: z.int().min(1).openapi({ description: 'The line of the invoice, counted from 1.' }),
      amount: AmountIn.openapi({ description: 'Net amount, above 0.' }),
    }),
  )
  .min(1)
  .max(MAX_LINES);
const CreditIn = z
  .strictObject({ lines: CorrectedLines, ground: z.enum(CREDIT_GROUNDS), reason: Reason })
  .openapi('NewCreditNote');
const SupplementIn = z.strictObject({ lines: CorrectedLines, reason: Reason }).openapi('NewSupplement');
const CorrectionSchema = z
  .object({
    invoiceId: z.string().openapi({ description: 'The issued credit note or supplement.' }),
    isAlone: z
      .boolean()
      .openapi({ description: 'true: a second person was needed, and none was seen within 90 days.' }),
  })
  .openapi('Correction');

const params = z.object({ invoiceId: RecordId });
const tags = ['invoices'];
const responses = {
  ...json(201, 'Issued.', CorrectionSchema),
  ...json(202, 'Proposed: a second person decides.', ProposalSchema),
  ...problems(404, 409, 413, 415),
};

export type CorrectionDeps = Pick<AdminDeps, 'store' | 'proposals' | 'now'>;

export function correctionRoutes(app: AdminApp, deps: CorrectionDeps): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/invoices/{invoiceId}/credit-note',
      operationId: 'creditInvoice',
      summary: 'Issue a manual credit note for lines of an issued invoice, or propose it',
      description:
        'It gives at most what remains of the line, of the invoice, and of its breach or month. Billing leaves it out of its account, so that it is not charged back.',
      tags,
      ...requires('finance'),
      request: { params, query: NO_QUERY, body: jsonBody(CreditIn) },
      responses,
    }),
    async (c) => {
      const { lines, ground, reason } = c.req.valid('json');
      const asked = { kind: 'credit_note', ground, dispute: null } as const;
      const { invoiceId } = c.req.valid('param');
      const done = await submitCorrection(deps, c.get('caller'), invoiceId, { ...asked, lines }, reason);
      if (done.kind === 'proposed') return c.json(proposalJson(done.proposal), 202);
      return c.json({ invoiceId: done.id, isAlone: done.isAlone }, 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/invoices/{invoiceId}/supplement',
      operationId: 'takeCreditBack',
      summary: 'Issue a manual supplement that takes manual credits back, or propose it',
      description: 'It charges at most what manual credit notes gave on the line.',
      tags,
      ...requires('finance'),
      request: { params, query: NO_QUERY, body: jsonBody(SupplementIn) },
      responses,
    }),
    async (c) => {
      const { lines, reason } = c.req.valid('json');
      const asked = { kind: 'supplement', ground: null, dispute: null, lines } as const;
      const { invoiceId } = c.req.valid('param');
      const done = await submitCorrection(deps, c.get('caller'), invoiceId, asked, reason);
      if (done.kind === 'proposed') return c.json(proposalJson(done.proposal), 202);
      return c.json({ invoiceId: done.id, isAlone: done.isAlone }, 201);
    },
  );
}

type Asked = Omit<CorrectionPayload, 'lines'> & { readonly lines: z.infer<typeof CorrectedLines> };

/** Throws the problem of a refusal. @param field where the request has the lines. */
export async function submitCorrection(
  { store, proposals, now }: CorrectionDeps,
  { actor, tokenId }: Caller,
  invoiceId: string,
  { lines, ...asked }: Asked,
  reason: string,
  field = 'lines',
) {
  const invoice = await store.invoice(invoiceId);
  if (invoice === null) throw unknownInvoice();
  const payload: CorrectionPayload = {
    ...asked,
    lines: lines.map(({ line, amount }, at) => ({
      line: line - 1,
      amountMinor: String(amountIn(amount, invoice.currency, `${field}.${at}.amount`)),
    })),
  };
  const subject = `invoices/${invoiceId}`;
  const request = { kind: 'credit_note', subject, payload: { ...payload }, reason } as const;
  return submittedOrThrow(await proposals.submit(request, { actor, tokenId, atMs: now() }));
}

function amountIn(text: string, currency: string, field: string): bigint {
  const parsed = parseMoney(text, currency);
  if (!parsed.ok) throw fieldProblem(400, field, parsed.reason, 'write an amount such as "100.00"');
  if (parsed.minor === 0n) throw fieldProblem(400, field, 'is zero', 'send an amount above 0');
  return parsed.minor;
}
