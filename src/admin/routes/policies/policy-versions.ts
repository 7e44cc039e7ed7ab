/** Routes of the published policies. A change adds a version with a start, an actor and a reason. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { policyFaults } from '../../../terms/contradictions.ts';
import { DOCUMENT_NAMES } from '../../../terms/documents.ts';
import type { PolicyVersion } from '../../../terms/policy.ts';
import { anyRole, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp } from '../../deps.ts';
import { NO_QUERY } from '../../fields.ts';
import { NUMBER_KEY, pageAsk, pageFields, pageJson, pageResponse } from '../../paging.ts';
import { faultsProblem, fieldProblem, problems } from '../../problem.ts';
import { type PolicyDeps, previewOf, siteDocumentJson } from './policy-preview.ts';
import {
  NewPolicyVersionBody,
  OriginQuery,
  PolicyPreviewSchema,
  PolicyVersionSchema,
  policyVersionJson,
  SiteDocumentSchema,
} from './policy-schemas.ts';

const tags = ['terms'];
const params = z.object({
  version: z.coerce
    .number()
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .openapi({ type: 'integer', example: 3 }),
});

export function policyVersionRoutes(app: AdminApp, deps: PolicyDeps): void {
  const { versions } = deps.terms;
  const inForce = async () => (await versions.policyInForce(deps.now()))?.version ?? null;

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/policies',
      operationId: 'listPolicyVersions',
      summary: 'Versions of the published policy, newest first',
      tags,
      ...anyRole(),
      request: { query: z.strictObject(pageFields(NUMBER_KEY)) },
      responses: { ...pageResponse(PolicyVersionSchema, 'PolicyVersionPage'), ...problems() },
    }),
    async (c) => {
      const { limit, after } = pageAsk(c.req.valid('query'));
      const below = after === null ? null : Number(after);
      const found = await versions.policyVersions({ limit: limit + 1, below });
      const items = found.slice(0, limit);
      const next = found.length > limit ? String(items.at(-1)!.version) : null;
      const current = await inForce();
      return c.json(
        pageJson({ items, next }, (item) => policyVersionJson(item, current)),
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/policies',
      operationId: 'addPolicyVersion',
      summary: 'Add a version of the published policy; audited',
      description:
        'It applies in every process within a second of its start, at the edge within 30 s. With `dryRun`, nothing is stored, and the response describes the documents and the differences.',
      tags,
      ...requires('rights'),
      request: { query: NO_QUERY, body: jsonBody(NewPolicyVersionBody) },
      responses: {
        ...json(200, 'The effect, for `dryRun`.', PolicyPreviewSchema),
        ...json(201, 'Added.', PolicyVersionSchema),
        ...problems(413, 415),
      },
    }),
    async (c) => {
      const { policy, validFrom, reason, dryRun, origin } = c.req.valid('json');
      const nowMs = deps.now();
      if (validFrom !== undefined && validFrom < nowMs) throw inThePast(nowMs);
      if (dryRun) return c.json(await previewOf(deps, policy, origin), 200);
      const faults = policyFaults(policy, deps.catalogue.agents);
      if (faults.length > 0)
        throw faultsProblem(faults.map((one) => ({ ...one, field: `policy.${one.field}` })));
      const added = await versions.addPolicyVersion({
        validFromMs: validFrom ?? nowMs,
        policy,
        createdAtMs: nowMs,
        createdBy: c.get('caller').actor,
        reason,
      });
      return c.json(policyVersionJson(added, await inForce()), 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/policies/{version}',
      operationId: 'getPolicyVersion',
      summary: 'A version of the published policy',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY, params },
      responses: { ...json(200, 'The version.', PolicyVersionSchema), ...problems(404) },
    }),
    async (c) => {
      const found = await existing(deps, c.req.valid('param').version);
      return c.json(policyVersionJson(found, await inForce()), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/policies/{version}/documents/{name}',
      operationId: 'getPolicyDocument',
      summary: 'A document as a version publishes it',
      description: "The robots.txt is merged with the platform's as it is now.",
      tags,
      ...anyRole(),
      request: {
        query: z.strictObject({ origin: OriginQuery }),
        params: params.extend({ name: z.enum(DOCUMENT_NAMES) }),
      },
      responses: { ...json(200, 'The document.', SiteDocumentSchema), ...problems(404) },
    }),
    async (c) => {
      const { version, name } = c.req.valid('param');
      const { policy } = await existing(deps, version);
      return c.json(await siteDocumentJson(deps, policy, name, c.req.valid('query').origin), 200);
    },
  );
}

async function existing({ terms }: PolicyDeps, version: number): Promise<PolicyVersion> {
  const found = await terms.versions.policyVersion(version);
  if (found === null)
    throw fieldProblem(404, 'version', 'is not a version of the policy', 'see /v1/policies');
  return found;
}

function inThePast(nowMs: number) {
  return fieldProblem(
    400,
    'validFrom',
    `is in the past: the current time is ${isoTimestamp(nowMs)}`,
    'use a later time, or omit it',
  );
}
