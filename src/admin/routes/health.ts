/** Routes of liveness, readiness and metrics of this process. Liveness and readiness need no token. */

import { createRoute, z } from '@hono/zod-openapi';
import type { FieldError } from '../../tariff/terms.ts';
import { anyRole } from '../auth.ts';
import type { AdminApp, AdminDeps } from '../deps.ts';
import { NO_QUERY } from '../fields.ts';
import { FaultSchema, HttpProblem, problems } from '../problem.ts';

const StatusSchema = z.object({ status: z.literal('ok') }).openapi('Status');
const ReadinessSchema = z
  .object({
    status: z.literal('ok'),
    warnings: z
      .array(FaultSchema)
      .optional()
      .openapi({ description: 'Problems that do not prevent the process from serving.' }),
  })
  .openapi('Readiness');

export type ReadinessJson = z.infer<typeof ReadinessSchema>;
const ok = <T extends z.ZodType>(description: string, schema: T) => ({
  200: { description, content: { 'application/json': { schema } } },
});

/** Both paths return the same response. `/healthz` is the older name. */
const LIVENESS = [
  ['/livez', 'getLiveness'],
  ['/healthz', 'getHealth'],
] as const;

export function healthRoutes(app: AdminApp, deps: Pick<AdminDeps, 'checks' | 'warnings'>): void {
  for (const [path, operationId] of LIVENESS) {
    app.openapi(
      createRoute({
        method: 'get',
        path,
        operationId,
        summary: 'Liveness',
        description: 'Succeeds as long as the process runs, even if its stores are unreachable.',
        tags: ['health'],
        request: { query: NO_QUERY },
        security: [],
        responses: { ...ok('The process is alive.', StatusSchema), 400: problems()[400]! },
      }),
      (c) => c.json({ status: 'ok' } as const, 200),
    );
  }

  app.openapi(
    createRoute({
      method: 'get',
      path: '/readyz',
      operationId: 'getReadiness',
      summary: 'Readiness',
      description: 'A ready process can serve requests. Other problems are listed in `warnings`.',
      tags: ['health'],
      request: { query: NO_QUERY },
      security: [],
      responses: {
        ...ok('The process can serve.', ReadinessSchema),
        400: problems()[400]!,
        503: problems(503)[503]!,
      },
    }),
    async (c) => {
      const [errors, warnings] = await Promise.all([
        failingChecks(deps.checks),
        failingChecks(deps.warnings),
      ]);
      if (errors.length > 0) {
        throw new HttpProblem(503, errors.map(({ field, reason }) => `${field}: ${reason}`).join('; '), {
          errors,
          headers: { 'retry-after': '1' },
        });
      }
      const status = 'ok' as const;
      return c.json(warnings.length > 0 ? { status, warnings } : { status }, 200);
    },
  );
}

/** Runs all checks and returns the problems that they found. */
export async function failingChecks(checks: AdminDeps['checks']): Promise<FieldError[]> {
  const found = await Promise.all(
    Object.entries(checks).map(async ([field, check]) => ({ field, reason: await check() })),
  );
  return found.flatMap(({ field, reason }) =>
    reason === null ? [] : [{ field, reason, hint: `see the log of this process for details of ${field}` }],
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
      ...anyRole(),
      request: { query: NO_QUERY },
      responses: {
        200: {
          description: 'Prometheus text format, or OpenMetrics if the Accept header selects it.',
          content: {
            'text/plain': { schema: z.string() },
            'application/openmetrics-text': { schema: z.string() },
          },
        },
        ...problems(),
      },
    }),
    async (c) => {
      const { contentType, text } = await metrics.render(c.req.header('accept') ?? '');
      return c.body(text, 200, { 'content-type': contentType, vary: 'accept' });
    },
  );
}
