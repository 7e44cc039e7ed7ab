/** Uncounted responses and the results of cross-checks, over all processes and isolates. */

import { createRoute, z } from '@hono/zod-openapi';
import { isUncounted } from '../../../report/routes/route-view.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { anyRole } from '../../auth.ts';
import { json } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { NO_QUERY, TimestampOut } from '../../fields.ts';
import { problems } from '../../problem.ts';

const UncountedSchema = z
  .object({
    since: TimestampOut.openapi({ description: 'Start of the first hour for which the ledger has figures.' }),
    items: z.array(
      z.object({
        route: z.string().openapi({ example: '/2/tweets/search/recent' }),
        reason: z.string().openapi({ example: 'truncated' }),
        responses: z.int(),
      }),
    ),
    crossCheck: z
      .object({
        responses: z.int().openapi({ description: 'Responses that were counted twice.' }),
        differences: z.array(z.object({ route: z.string(), responses: z.int() })),
      })
      .openapi({ description: 'A sample of responses is counted again by a slow, simple parser.' }),
  })
  .openapi('Uncounted');

export type UncountedJson = z.infer<typeof UncountedSchema>;

type Deps = Pick<AdminDeps, 'counting' | 'shipCounts' | 'now'>;

export function uncountedRoutes(app: AdminApp, { counting, shipCounts, now }: Deps): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/uncounted',
      operationId: 'getUncounted',
      summary: 'Responses that could not be counted, by route and reason, over all processes and isolates',
      tags: ['usage'],
      ...anyRole(),
      request: { query: NO_QUERY },
      responses: { ...json(200, 'The figures.', UncountedSchema), ...problems() },
    }),
    async (c) => {
      await shipCounts();
      const nowMs = now();
      const { sinceMs, routes } = await counting.report(0, nowMs);
      const checked = routes.filter(({ outcome }) => outcome === 'checked');
      const body = {
        since: isoTimestamp(sinceMs ?? nowMs),
        items: routes
          .filter(isUncounted)
          .map(({ route, outcome, responses }) => ({ route, reason: outcome, responses })),
        crossCheck: {
          responses: checked.reduce((sum, { responses }) => sum + responses, 0),
          differences: routes
            .filter(({ outcome }) => outcome === 'differs')
            .map(({ route, responses }) => ({ route, responses })),
        },
      };
      return c.json(body, 200);
    },
  );
}
