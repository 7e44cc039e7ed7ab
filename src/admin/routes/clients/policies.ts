/** Routes of policies: an operator's decision about one client, independent of its tariff. */

import { createRoute, z } from '@hono/zod-openapi';
import { type ClientPolicy, MAX_RATE_PER_SECOND, MIN_RATE_PER_SECOND } from '../../../admit/policy.ts';
import { policyView } from '../../../report/policy-view.ts';
import { anyRole, type Caller, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { ClientId, NO_QUERY, Reason, TimestampIn, TimestampOut } from '../../fields.ts';
import { ID_KEY, pageAsk, pageFields, pageJson, pageResponse } from '../../paging.ts';
import type { Actor } from '../../port.ts';
import { fieldProblem, problems } from '../../problem.ts';
import { unknownClient } from './clients.ts';

const common = {
  reason: Reason,
  until: TimestampIn.optional().openapi({
    description: 'When the policy expires. Default: it applies until it is removed.',
  }),
};

const Rate = z
  .number()
  .min(MIN_RATE_PER_SECOND)
  .max(MAX_RATE_PER_SECOND)
  .refine((rate) => rate < 1 || Number.isInteger(rate), {
    error: 'is not an enforceable rate',
    params: { hint: 'use a whole number of requests, or less than 1, for example 0.25 for one in 4 s' },
  });

const PolicyBody = z
  .discriminatedUnion('action', [
    z.strictObject({ action: z.literal('allow'), ...common }),
    z.strictObject({
      action: z.literal('refuse'),
      status: z.union([z.literal(403), z.literal(429)]).default(403),
      ...common,
    }),
    z.strictObject({ action: z.literal('slow'), ratePerSecond: Rate, ...common }),
  ])
  .openapi('NewPolicy', {
    description:
      'allow: neither tariff nor pace refuses the client; posts delivered under a tariff that refuses are not billed. refuse: every request is refused with the status. slow: requests beyond the rate get 429.',
  });

const PolicySchema = z
  .object({
    clientId: z.string(),
    action: z.enum(['allow', 'refuse', 'slow']),
    status: z.union([z.literal(403), z.literal(429)]).nullable(),
    ratePerSecond: z.number().nullable(),
    reason: z.string().openapi({ description: 'The client does not see it.' }),
    until: TimestampOut.nullable(),
    setAt: TimestampOut,
    setBy: z.string(),
  })
  .openapi('Policy');

export type PolicyJson = z.infer<typeof PolicySchema>;

const params = z.object({
  clientId: ClientId.openapi({
    description:
      'The id of a client, or of an unknown caller, even if it was never served: addr:203.0.113.7, addr:2001:db8::/56.',
  }),
});
const tags = ['policies'];
const path = '/v1/clients/{clientId}/policy';

export function policyRoutes(app: AdminApp, deps: Pick<AdminDeps, 'store' | 'now'>): void {
  const who = (caller: Caller): Actor => ({ actor: caller.actor, atMs: deps.now() });

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/client-policies',
      operationId: 'listPolicies',
      summary: 'Policies of all clients, ordered by client id, including expired ones',
      tags,
      ...anyRole(),
      request: { query: z.strictObject(pageFields(ID_KEY)) },
      responses: { ...pageResponse(PolicySchema, 'PolicyPage'), ...problems() },
    }),
    async (c) => c.json(pageJson(await deps.store.policies(pageAsk(c.req.valid('query'))), policyView), 200),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path,
      operationId: 'getPolicy',
      summary: 'The policy of a client',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY, params },
      responses: { ...json(200, 'The policy.', PolicySchema), ...problems(404) },
    }),
    async (c) => {
      const policy = await deps.store.policy(c.req.valid('param').clientId);
      if (policy === null) throw noPolicy();
      return c.json(policyView(policy), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'put',
      path,
      operationId: 'setPolicy',
      summary:
        'Set the policy of a client; it applies in every process within a second, at the edge within 30 s',
      tags,
      ...requires('operator'),
      request: { query: NO_QUERY, params, body: jsonBody(PolicyBody) },
      responses: { ...json(200, 'Set.', PolicySchema), ...problems(404, 413, 415) },
    }),
    async (c) => {
      const { clientId } = c.req.valid('param');
      const { until, ...given } = c.req.valid('json');
      const policy: ClientPolicy = { ...given, untilMs: until ?? null };
      if (until !== undefined && until <= deps.now()) {
        throw fieldProblem(400, 'until', 'is in the past', 'use a later time, or omit it');
      }
      const set = await deps.store.setPolicy(clientId, policy, who(c.get('caller')));
      if (set === null) throw unknownClient(clientId);
      return c.json(policyView(set), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path,
      operationId: 'removePolicy',
      summary: 'Remove the policy of a client; only its tariff applies from then on',
      tags,
      ...requires('operator'),
      request: { query: NO_QUERY, params },
      responses: { ...json(200, 'The removed policy.', PolicySchema), ...problems(404) },
    }),
    async (c) => {
      const removed = await deps.store.removePolicy(c.req.valid('param').clientId, who(c.get('caller')));
      if (removed === null) throw noPolicy();
      return c.json(policyView(removed), 200);
    },
  );
}

function noPolicy() {
  return fieldProblem(404, 'clientId', 'has no policy', 'see /v1/client-policies');
}
