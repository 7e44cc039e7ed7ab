/** Routes of agents: the catalogue, the state of their lists, verdicts, and checks of single addresses. */

import { createRoute, z } from '@hono/zod-openapi';
import { type Address, parseAddress } from '../../../identify/address.ts';
import type { CatalogueAgent } from '../../../identify/asker/port.ts';
import { anyRole, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { lineOfText, NO_QUERY } from '../../fields.ts';
import { pageAsk, pageFields, pageJson, pageResponse } from '../../paging.ts';
import { HttpProblem, problems } from '../../problem.ts';
import {
  AgentCheckSchema,
  AgentListSchema,
  AgentsSchema,
  AgentVerdictSchema,
  agentCheckJson,
  agentListJson,
  agentsJson,
  agentVerdictJson,
} from './agent-schemas.ts';

const tags = ['agents'];
const AgentToken = lineOfText(100).openapi({ example: 'GPTBot' });
/** Time of the check in epoch milliseconds, and the address. */
const VERDICT_KEY = /^\d{1,15} [0-9a-f:.]{2,45}$/;
const RefreshBody = z
  .strictObject({
    acceptChanges: z.boolean().default(false).openapi({
      description:
        'true: accept lists that shrank to less than half, or grew beyond ten times, of what they covered before.',
    }),
  })
  .openapi('AgentsRefresh');
const CheckQuery = z.strictObject({
  address: z
    .string()
    .max(64)
    .transform((text, context): Address => {
      const address = parseAddress(text);
      if (address !== null) return address;
      const hint = 'use an IPv4 or IPv6 address, such as 203.0.113.7';
      context.addIssue({ code: 'custom', message: 'is not an IP address', params: { hint }, input: text });
      return z.NEVER;
    })
    .openapi({ type: 'string', example: '20.171.206.5' }),
  agent: AgentToken,
});

type Deps = Pick<AdminDeps, 'agents' | 'now'>;

export function agentRoutes(app: AdminApp, { agents, now }: Deps): void {
  const agentOf = (token: string): CatalogueAgent => {
    const found = agents.catalogue.find((one) => one.token.toLowerCase() === token.toLowerCase());
    if (found === undefined)
      throw new HttpProblem(404, `There is no agent ${token} in the catalogue. See GET /v1/agents.`);
    return found;
  };

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/agents',
      operationId: 'listAgents',
      summary: 'The catalogue of agents, with the state of their lists and directories',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY },
      responses: { ...json(200, 'The catalogue.', AgentsSchema), ...problems() },
    }),
    async (c) => c.json(agentsJson(agents.catalogue, await agents.known(), now()), 200),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/agents/check',
      operationId: 'checkAgent',
      summary: 'Check a claim now, and explain the verdict step by step',
      description: 'Asks reverse DNS if the agent has names. Nothing is stored.',
      tags,
      ...requires('operator'),
      request: { query: CheckQuery },
      responses: { ...json(200, 'The verdict.', AgentCheckSchema), ...problems(404) },
    }),
    async (c) => {
      const { address, agent } = c.req.valid('query');
      return c.json(agentCheckJson(await agents.check(address, agentOf(agent))), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/agents/{token}/verdicts',
      operationId: 'listAgentVerdicts',
      summary: 'Addresses that claimed an agent and were checked by reverse DNS, newest first',
      tags,
      ...anyRole(),
      request: { query: z.strictObject(pageFields(VERDICT_KEY)), params: z.object({ token: AgentToken }) },
      responses: { ...pageResponse(AgentVerdictSchema, 'AgentVerdictsPage'), ...problems(404) },
    }),
    async (c) => {
      const { token } = agentOf(c.req.valid('param').token);
      const page = await agents.verdicts(token, pageAsk(c.req.valid('query')));
      return c.json(pageJson(page, agentVerdictJson), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/agents/refresh',
      operationId: 'refreshAgents',
      summary: 'Fetch the lists of address ranges now',
      description: 'Lists that were fetched within the last hour are not fetched again.',
      tags,
      ...requires('operator'),
      request: { query: NO_QUERY, body: jsonBody(RefreshBody) },
      responses: {
        ...json(200, 'The lists that were fetched.', z.object({ items: z.array(AgentListSchema) })),
        ...problems(409, 413, 415),
      },
    }),
    async (c) => {
      const who = { actor: c.get('caller').actor, atMs: now() };
      const lists = await agents.refresh(c.req.valid('json').acceptChanges, who);
      if (lists === null)
        throw new HttpProblem(
          409,
          'Nothing is fetched, because `agents.offline` is set in the configuration.',
        );
      return c.json({ items: lists.map((list) => agentListJson(list, now())) }, 200);
    },
  );
}
