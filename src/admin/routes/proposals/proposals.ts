/** Routes of proposals: their list and their decision. */

import { createRoute, z } from '@hono/zod-openapi';
import { DECIDING_ROLE } from '../../../proposal/four-eyes.ts';
import { DECISIONS, PROPOSAL_KINDS } from '../../../proposal/model.ts';
import { anyRole, requireRole, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { NO_QUERY, Reason, RecordId } from '../../fields.ts';
import { pageAsk, pageFields, pageJson, pageResponse, UUID_KEY } from '../../paging.ts';
import { fieldProblem, problems } from '../../problem.ts';
import { actionProblem, decisionProblem, ProposalSchema, proposalJson } from './proposal-json.ts';

const DecisionIn = z
  .strictObject({ decision: z.enum(DECISIONS), reason: Reason })
  .openapi('ProposalDecision');

export const DecidedSchema = z
  .object({
    proposal: ProposalSchema,
    resultId: z
      .string()
      .nullable()
      .openapi({ description: 'Id of what the action made or changed; null unless it was accepted.' }),
  })
  .openapi('DecidedProposal');

const query = z.strictObject({
  ...pageFields(UUID_KEY),
  open: z
    .enum(['true', 'false'])
    .optional()
    .openapi({ description: 'true: only those that wait. false: only decided ones.' }),
  kind: z.enum(PROPOSAL_KINDS).optional(),
  subject: z.string().max(200).optional().openapi({
    description: 'A path such as invoices/ID; includes what is below it.',
  }),
});

const params = z.object({ proposalId: RecordId });
const tags = ['proposals'];

export function proposalRoutes(app: AdminApp, deps: Pick<AdminDeps, 'proposals' | 'now'>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/proposals',
      operationId: 'listProposals',
      summary: 'Proposals, newest first',
      tags,
      ...anyRole(),
      request: { query },
      responses: { ...pageResponse(ProposalSchema, 'ProposalPage'), ...problems() },
    }),
    async (c) => {
      const { open, kind, subject, ...page } = c.req.valid('query');
      const filter = { isOpen: open === undefined ? undefined : open === 'true', kind, under: subject };
      return c.json(pageJson(await deps.proposals.proposals(filter, pageAsk(page)), proposalJson), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/proposals/{proposalId}',
      operationId: 'getProposal',
      summary: 'A proposal',
      tags,
      ...anyRole(),
      request: { params, query: NO_QUERY },
      responses: { ...json(200, 'The proposal.', ProposalSchema), ...problems(404) },
    }),
    async (c) => {
      const proposal = await deps.proposals.proposal(c.req.valid('param').proposalId);
      if (proposal === null) throw unknownProposal();
      return c.json(proposalJson(proposal), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/proposals/{proposalId}/decide',
      operationId: 'decideProposal',
      summary: 'Accept, reject or withdraw a proposal; accepting takes the action',
      description:
        'Accepting needs another person than the proposer: another token, which neither made nor was made by the token of the proposer. ADMIN_TOKEN never counts as a second person. Only the proposer withdraws. The role is finance for credit notes and write-offs, admin for sellers, series and bank accounts.',
      tags,
      ...requires('finance', 'admin'),
      request: {
        params,
        query: NO_QUERY,
        body: jsonBody(DecisionIn),
      },
      responses: { ...json(200, 'Decided.', DecidedSchema), ...problems(404, 409, 413, 415, 422) },
    }),
    async (c) => {
      const { proposalId } = c.req.valid('param');
      const { decision, reason } = c.req.valid('json');
      const { actor, tokenId, roles } = c.get('caller');
      const proposal = await deps.proposals.proposal(proposalId);
      if (proposal === null) throw unknownProposal();
      const role = DECIDING_ROLE[proposal.kind];
      requireRole({ actor, tokenId, roles }, [role], 'a decision of this kind');
      const who = { actor, tokenId, atMs: deps.now() };
      const outcome = await deps.proposals.decide(proposalId, decision, reason, who);
      if (outcome.kind === 'not_found') throw unknownProposal();
      if (outcome.kind === 'not_decidable') throw decisionProblem(outcome.refusal);
      if (outcome.kind === 'refused') throw actionProblem(outcome.refusal);
      return c.json({ proposal: proposalJson(outcome.proposal), resultId: outcome.resultId }, 200);
    },
  );
}

function unknownProposal() {
  return fieldProblem(404, 'proposalId', 'does not exist', 'see /v1/proposals');
}
