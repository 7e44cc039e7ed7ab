/** Routes of collecting an issued invoice: reminders, and the write-off of what is still owed. */

import { createRoute, z } from '@hono/zod-openapi';
import { anyRole, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { NO_QUERY, Reason, RecordId } from '../../fields.ts';
import { problems } from '../../problem.ts';
import { unknownInvoice } from '../invoices/invoice-refusal.ts';
import { ProposalSchema, proposalJson, submittedOrThrow } from '../proposals/proposal-json.ts';
import { DunningSchema, dunningJson, reminderProblem } from './claim-schemas.ts';

const WriteOffIn = z.strictObject({ reason: Reason }).openapi('NewWriteOff');
const WriteOffSchema = z
  .object({
    entryId: z.string().openapi({ description: 'The entry of the book. Its reversal takes it back.' }),
    isAlone: z
      .boolean()
      .openapi({ description: 'true: a second person was needed, and none was seen within 90 days.' }),
  })
  .openapi('WriteOff');

const params = z.object({ invoiceId: RecordId });
const tags = ['invoices'];

type Deps = Pick<AdminDeps, 'store' | 'claims' | 'proposals' | 'now'>;

export function collectionRoutes(app: AdminApp, deps: Deps): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/invoices/{invoiceId}/dunnings',
      operationId: 'listDunnings',
      summary: 'Levels of dunning that an invoice has reached',
      tags,
      ...anyRole(),
      request: { params, query: NO_QUERY },
      responses: {
        ...json(200, 'The dunnings.', z.object({ items: z.array(DunningSchema) }).openapi('Dunnings')),
        ...problems(404),
      },
    }),
    async (c) => {
      const { invoiceId } = c.req.valid('param');
      await demandInvoice(deps, invoiceId);
      return c.json({ items: (await deps.claims.dunnings(invoiceId)).map(dunningJson) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/invoices/{invoiceId}/remind',
      operationId: 'remindInvoice',
      summary: 'Remind of an overdue invoice at its next level of dunning now',
      description:
        'Levels that are automatic are written by billing when they are due. Dunning rests while the invoice is disputed, its client is on billing hold, or a proposal about it waits.',
      tags,
      ...requires('finance'),
      request: { params, query: NO_QUERY },
      responses: { ...json(201, 'Reminded.', DunningSchema), ...problems(404, 409) },
    }),
    async (c) => {
      const { invoiceId } = c.req.valid('param');
      await demandInvoice(deps, invoiceId);
      const who = { actor: c.get('caller').actor, atMs: deps.now() };
      const result = await deps.claims.remind(invoiceId, who);
      if (result.kind === 'refused') throw reminderProblem(result.obstacle);
      return c.json(dunningJson(result.dunning), 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/invoices/{invoiceId}/write-off',
      operationId: 'writeOffInvoice',
      summary: 'Write off what is still owed on an invoice, or propose it',
      tags,
      ...requires('finance'),
      request: { params, query: NO_QUERY, body: jsonBody(WriteOffIn) },
      responses: {
        ...json(201, 'Written off.', WriteOffSchema),
        ...json(202, 'Proposed: a second person decides.', ProposalSchema),
        ...problems(404, 409, 413, 415),
      },
    }),
    async (c) => {
      const { invoiceId } = c.req.valid('param');
      await demandInvoice(deps, invoiceId);
      const { actor, tokenId } = c.get('caller');
      const { reason } = c.req.valid('json');
      const request = { kind: 'write_off', subject: `invoices/${invoiceId}`, payload: {}, reason } as const;
      const who = { actor, tokenId, atMs: deps.now() };
      const submitted = submittedOrThrow(await deps.proposals.submit(request, who));
      if (submitted.kind === 'proposed') return c.json(proposalJson(submitted.proposal), 202);
      return c.json({ entryId: submitted.id, isAlone: submitted.isAlone }, 201);
    },
  );
}

async function demandInvoice({ store }: Pick<Deps, 'store'>, id: string): Promise<void> {
  if ((await store.invoice(id)) === null) throw unknownInvoice();
}
