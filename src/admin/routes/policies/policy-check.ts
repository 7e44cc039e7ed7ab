/** The route that compares a policy with what the platform publishes itself. */

import { createRoute } from '@hono/zod-openapi';
import { checkTerms } from '../../../terms/check/check.ts';
import { requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp } from '../../deps.ts';
import { NO_QUERY } from '../../fields.ts';
import { fieldProblem, HttpProblem, problems } from '../../problem.ts';
import { type PolicyDeps, routePaths } from './policy-preview.ts';
import { TermsCheckBody, TermsCheckSchema } from './policy-schemas.ts';

export function policyCheckRoute(app: AdminApp, deps: PolicyDeps): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/policies/check',
      operationId: 'checkPolicy',
      summary: "Compare a policy with the platform's robots.txt and headers",
      description: 'Fetches robots.txt and up to 20 pages of the platform. It stores nothing.',
      tags: ['terms'],
      ...requires('rights'),
      request: { query: NO_QUERY, body: jsonBody(TermsCheckBody) },
      responses: { ...json(200, 'The findings.', TermsCheckSchema), ...problems(404, 413, 415, 501) },
    }),
    async (c) => {
      const { platform, versions } = deps.terms;
      const { agents } = deps.catalogue;
      if (platform === null) {
        throw new HttpProblem(501, 'This process does not know the platform. Send the request to a gateway.');
      }
      const given = c.req.valid('json').policy;
      const current = given === undefined ? await versions.policyInForce(deps.now()) : null;
      const policy = given ?? current?.policy;
      if (policy === undefined) {
        throw fieldProblem(
          404,
          'policy',
          'is missing, and no policy is in force',
          'add one, or send one to check',
        );
      }
      const check = { policy, agents, paths: routePaths(deps), side: 'platform' } as const;
      return c.json({ version: current?.version ?? null, findings: await checkTerms(check, platform) }, 200);
    },
  );
}
