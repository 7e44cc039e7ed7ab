/** How well counting goes in this process: responses that could not be counted, and counts that were checked. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoMoment } from '../../report/moment.ts';
import { readers } from '../auth.ts';
import type { AdminApp, AdminDeps } from '../deps.ts';
import { MomentOut } from '../fields.ts';
import { Problem, problems } from '../problem.ts';

const UncountedSchema = z
  .object({
    since: MomentOut.openapi({ description: 'The start of this process; other processes have their own.' }),
    items: z.array(
      z.object({
        route: z.string().openapi({ example: '/2/tweets/search/recent' }),
        reason: z.string().openapi({ example: 'truncated' }),
        responses: z.int(),
      }),
    ),
    crossCheck: z
      .object({
        responses: z.int().openapi({ description: 'Responses that were counted a second time.' }),
        differences: z.array(z.object({ route: z.string(), responses: z.int() })),
      })
      .openapi({ description: 'A sample of responses is counted again by a slow, obvious parser.' }),
  })
  .openapi('Uncounted');

const ELSEWHERE =
  'No single process counts here. The log names route and reason of responses that could not be counted; the usage of ' +
  'a client says how many they were.';

export function uncountedRoutes(
  app: AdminApp,
  { counting, startedAtMs }: Pick<AdminDeps, 'counting' | 'startedAtMs'>,
): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/uncounted',
      operationId: 'getUncounted',
      summary: 'Responses that could not be counted, by route and reason, since the start of this process',
      tags: ['usage'],
      ...readers(),
      responses: {
        200: { description: 'The figures.', content: { 'application/json': { schema: UncountedSchema } } },
        ...problems(501),
      },
    }),
    (c) => {
      if (counting === null) throw new Problem(501, ELSEWHERE);
      const body = {
        since: isoMoment(startedAtMs),
        items: counting.uncounted().map(({ labels, value }) => ({
          route: labels.route ?? '',
          reason: labels.reason ?? '',
          responses: value,
        })),
        crossCheck: {
          responses: counting.crossChecked(),
          differences: counting
            .countDifferences()
            .map(({ labels, value }) => ({ route: labels.route ?? '', responses: value })),
        },
      };
      return c.json(body, 200);
    },
  );
}
