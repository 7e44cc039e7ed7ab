/** Whether this process lives, whether it is ready, and its metrics. The first two are open to everybody. */

import { createRoute, z } from '@hono/zod-openapi';
import { readers } from '../auth.ts';
import type { AdminApp, AdminDeps } from '../deps.ts';
import { Problem, problems } from '../problem.ts';

const StatusSchema = z.object({ status: z.literal('ok') }).openapi('Status');
const ok = (description: string) => ({
  200: { description, content: { 'application/json': { schema: StatusSchema } } },
});

export function healthRoutes(app: AdminApp, deps: Pick<AdminDeps, 'checks'>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/healthz',
      operationId: 'getHealth',
      summary: 'The process lives',
      tags: ['health'],
      responses: ok('It does.'),
    }),
    (c) => c.json({ status: 'ok' } as const, 200),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/readyz',
      operationId: 'getReadiness',
      summary: 'The process can do all of its work',
      tags: ['health'],
      responses: { ...ok('It can.'), 503: problems(503)[503]! },
    }),
    async (c) => {
      const found = await Promise.all(
        Object.entries(deps.checks).map(async ([field, check]) => ({ field, reason: await check() })),
      );
      const errors = found.flatMap(({ field, reason }) =>
        reason === null
          ? []
          : [{ field, reason, mend: `the log of this process says more about the ${field}` }],
      );
      if (errors.length > 0) {
        throw new Problem(503, errors.map(({ field, reason }) => `${field}: ${reason}`).join('; '), {
          errors,
        });
      }
      return c.json({ status: 'ok' } as const, 200);
    },
  );
}

export function metricsRoute(app: AdminApp, { metrics }: Pick<AdminDeps, 'metrics'>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/metrics',
      operationId: 'getMetrics',
      summary: 'Metrics for Prometheus',
      tags: ['health'],
      ...readers(),
      responses: {
        200: { description: 'Prometheus text format.', content: { 'text/plain': { schema: z.string() } } },
        ...problems(),
      },
    }),
    async (c) => c.text(await metrics.render(), 200, { 'content-type': metrics.contentType }),
  );
}
