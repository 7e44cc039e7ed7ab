/** Routes of disputes: opening one on an issued invoice, answering it, and resolving it. */

import { createRoute, z } from '@hono/zod-openapi';
import { CREDIT_GROUNDS } from '../../../invoice/manual.ts';
import { resolutionFault } from '../../../receivable/dispute.ts';
import { DISPUTE_GROUNDS, DISPUTE_OUTCOMES } from '../../../receivable/model.ts';
import { parseMoney } from '../../../tariff/money.ts';
import { anyRole, requires } from '../../auth.ts';
import type { DisputeResult } from '../../claims/port.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { linesOfText, NO_QUERY, Reason, RecordId } from '../../fields.ts';
import { fieldProblem, problems } from '../../problem.ts';
import { unknownInvoice } from '../invoices/invoice-refusal.ts';
import { ProposalSchema, proposalJson } from '../proposals/proposal-json.ts';
import { DisputeSchema, disputeJson, disputeProblem } from './claim-schemas.ts';
import { CorrectedLines, submitCorrection } from './corrections.ts';

const MAX_TEXT = 4000;

const NewDispute = z
  .strictObject({
    ground: z.enum(DISPUTE_GROUNDS),
    text: linesOfText(MAX_TEXT).openapi({ description: 'What the client says.' }),
    disputed: z
      .string()
      .optional()
      .openapi({ description: 'What of the payable amount is disputed. Default: all of it.' }),
  })
  .openapi('NewDispute');
const Answer = z.strictObject({ text: linesOfText(MAX_TEXT) }).openapi('DisputeAnswer');
const Resolution = z
  .strictObject({
    outcome: z.enum(DISPUTE_OUTCOMES),
    text: linesOfText(MAX_TEXT),
    credit: z
      .strictObject({ lines: CorrectedLines, ground: z.enum(CREDIT_GROUNDS), reason: Reason })
      .optional()
      .openapi({
        description:
          'A manual credit note that is issued together with the outcome: upheld, partly_upheld or settled. If it needs a second person, the dispute is resolved when the proposal is accepted.',
      }),
  })
  .openapi('DisputeResolution');

const ofInvoice = '/v1/invoices/{invoiceId}/disputes';
const params = z.object({ invoiceId: RecordId });
const disputeParams = z.object({ disputeId: RecordId });
const tags = ['invoices'];

type Deps = Pick<AdminDeps, 'store' | 'claims' | 'proposals' | 'now' | 'newId'>;

export function disputeRoutes(app: AdminApp, deps: Deps): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: ofInvoice,
      operationId: 'listDisputes',
      summary: 'Disputes of an invoice, oldest first',
      tags,
      ...anyRole(),
      request: { params, query: NO_QUERY },
      responses: {
        ...json(200, 'The disputes.', z.object({ items: z.array(DisputeSchema) }).openapi('Disputes')),
        ...problems(404),
      },
    }),
    async (c) => {
      const { id, currency } = await existingInvoice(deps, c.req.valid('param').invoiceId);
      const found = await deps.claims.disputes(id);
      return c.json({ items: found.map((dispute) => disputeJson(dispute, currency)) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: ofInvoice,
      operationId: 'openDispute',
      summary: 'Record that the client disputes an issued invoice; dunning rests until it is resolved',
      tags,
      ...requires('finance'),
      request: { params, query: NO_QUERY, body: jsonBody(NewDispute) },
      responses: { ...json(201, 'Opened.', DisputeSchema), ...problems(404, 409, 413, 415) },
    }),
    async (c) => {
      const invoice = await existingInvoice(deps, c.req.valid('param').invoiceId);
      const { ground, text, disputed } = c.req.valid('json');
      const payableMinor = invoice.amountMinor + invoice.taxMinor;
      const disputedMinor =
        disputed === undefined ? payableMinor : disputedAmount(disputed, invoice.currency);
      const added = { id: deps.newId(), invoiceId: invoice.id, ground, text, disputedMinor };
      const who = { actor: c.get('caller').actor, atMs: deps.now() };
      return c.json(await written(deps, await deps.claims.openDispute(added, who)), 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/disputes/{disputeId}/answer',
      operationId: 'answerDispute',
      summary: 'Record the answer to a dispute, once',
      tags,
      ...requires('finance'),
      request: { params: disputeParams, query: NO_QUERY, body: jsonBody(Answer) },
      responses: { ...json(200, 'Answered.', DisputeSchema), ...problems(404, 409, 413, 415) },
    }),
    async (c) => {
      const { disputeId } = c.req.valid('param');
      const who = { actor: c.get('caller').actor, atMs: deps.now() };
      const answered = await deps.claims.answerDispute(disputeId, c.req.valid('json').text, who);
      return c.json(await written(deps, answered), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/disputes/{disputeId}/resolve',
      operationId: 'resolveDispute',
      summary: 'Resolve a dispute, once',
      tags,
      ...requires('finance'),
      request: { params: disputeParams, query: NO_QUERY, body: jsonBody(Resolution) },
      responses: {
        ...json(200, 'Resolved.', DisputeSchema),
        ...json(202, 'Proposed with its credit: a second person decides.', ProposalSchema),
        ...problems(404, 409, 413, 415),
      },
    }),
    async (c) => {
      const { disputeId } = c.req.valid('param');
      const { outcome, text, credit } = c.req.valid('json');
      if (credit !== undefined) {
        const dispute = await deps.claims.dispute(disputeId);
        const fault = resolutionFault(dispute, outcome, true);
        if (dispute === null || fault !== null) throw disputeProblem(fault ?? 'not_found');
        const { lines, ground, reason } = credit;
        const resolves = { id: disputeId, outcome, text };
        const asked = { kind: 'credit_note', ground, lines, dispute: resolves } as const;
        const { invoiceId } = dispute;
        const done = await submitCorrection(deps, c.get('caller'), invoiceId, asked, reason, 'credit.lines');
        if (done.kind === 'proposed') return c.json(proposalJson(done.proposal), 202);
        const settled = (await deps.claims.dispute(disputeId))!;
        return c.json(await written(deps, { kind: 'written', dispute: settled }), 200);
      }
      const who = { actor: c.get('caller').actor, atMs: deps.now() };
      const resolved = await deps.claims.resolveDispute(disputeId, outcome, text, who);
      return c.json(await written(deps, resolved), 200);
    },
  );
}

async function written(deps: Pick<Deps, 'store'>, result: DisputeResult) {
  if (result.kind === 'refused') throw disputeProblem(result.fault);
  const { currency } = await existingInvoice(deps, result.dispute.invoiceId);
  return disputeJson(result.dispute, currency);
}

async function existingInvoice({ store }: Pick<Deps, 'store'>, id: string) {
  const invoice = await store.invoice(id);
  if (invoice === null) throw unknownInvoice();
  return invoice;
}

function disputedAmount(text: string, currency: string): bigint {
  const parsed = parseMoney(text, currency);
  if (!parsed.ok) {
    throw fieldProblem(400, 'disputed', parsed.reason, 'write an amount such as "100.00"');
  }
  if (parsed.minor > 0n) return parsed.minor;
  throw fieldProblem(400, 'disputed', 'is zero', 'send an amount above 0, or omit it');
}
