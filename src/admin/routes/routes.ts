/** Counting figures by route, over all processes and isolates, from the ledger. They show whether counting works. */

import { createRoute, z } from '@hono/zod-openapi';
import { routeHours, routesView } from '../../report/routes/route-view.ts';
import { isoTimestamp } from '../../report/timestamp.ts';
import { anyRole } from '../auth.ts';
import { json } from '../content.ts';
import type { AdminApp, AdminDeps } from '../deps.ts';
import { TimestampOut } from '../fields.ts';
import { fieldProblem, problems } from '../problem.ts';
import { HOUR_MS, hourQuery, hourRange } from './hour-range.ts';

/** The ledger keeps a quarter of a year. */
const MAX_HOURS = 92 * 24;

const count = z.int().min(0);
const figures = {
  posts: count,
  responses: count,
  bytes: count.openapi({ description: 'Body bytes sent to clients.' }),
  empty: count.openapi({ description: 'Complete 2xx bodies that were read and contained no posts.' }),
  none: count.openapi({
    description:
      'Responses with nothing to count: HEAD, 304, errors without posts, clients that disconnected early.',
  }),
  uncounted: z
    .array(z.object({ reason: z.string().openapi({ example: 'truncated' }), responses: count }))
    .openapi({ description: 'Responses whose posts could not be counted, by reason.' }),
  checked: count.openapi({ description: 'Responses that were counted twice.' }),
  differs: count.openapi({ description: 'Responses whose second count differed from the first.' }),
  postsPerResponse: z
    .number()
    .nullable()
    .openapi({ description: 'Over the responses that may contain posts; null if there are none.' }),
};

const RouteSchema = z
  .object({
    route: z.string().openapi({ example: '/2/tweets/search/recent' }),
    isConfigured: z
      .boolean()
      .openapi({ description: 'false: only an earlier configuration had this route.' }),
    ...figures,
    lastSeenAt: TimestampOut.nullable(),
  })
  .openapi('Route');

const RouteHoursSchema = z
  .object({
    route: z.string(),
    from: TimestampOut,
    to: TimestampOut,
    items: z
      .array(z.object({ at: TimestampOut.openapi({ description: 'Start of the UTC hour.' }), ...figures }))
      .openapi({ description: 'Hours with counts, in order.' }),
  })
  .openapi('RouteHours');

const RoutesSchema = z
  .object({
    since: TimestampOut.nullable().openapi({
      description: 'Start of the first hour for which the ledger has figures; null if it has none.',
    }),
    from: TimestampOut,
    to: TimestampOut,
    items: z.array(RouteSchema),
    unmatched: z
      .object({
        responses: count,
        bytes: count,
        posts: count.openapi({ description: 'Posts that the platform declared in its header.' }),
        paths: z
          .array(
            z.object({ path: z.string().openapi({ example: '/api/{id}' }), responses: count, bytes: count }),
          )
          .openapi({
            description:
              'The most frequent path patterns, without queries and with ids replaced. Images, styles and scripts are ' +
              'omitted.',
          }),
      })
      .openapi({ description: 'Responses that no route matched.' }),
  })
  .openapi('Routes');

export type RouteJson = z.infer<typeof RouteSchema>;
export type RoutesJson = z.infer<typeof RoutesSchema>;
export type RouteHoursJson = z.infer<typeof RouteHoursSchema>;

type Deps = Pick<AdminDeps, 'counting' | 'shipCounts' | 'routes' | 'now'>;

export function routeRoutes(app: AdminApp, deps: Deps): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/routes',
      operationId: 'listRoutes',
      summary: 'Posts, responses and uncounted responses by route, and the paths that no route matches',
      description:
        'Sums over whole UTC hours, of all processes and isolates. Other processes add their counts every few seconds.',
      tags: ['usage'],
      ...anyRole(),
      request: { query: hourQuery },
      responses: { ...json(200, 'The figures.', RoutesSchema), ...problems() },
    }),
    async (c) => {
      const { fromMs, toMs } = hourRange(c.req.valid('query'), deps.now());
      await deps.shipCounts();
      const report = await deps.counting.report(fromMs, toMs);
      const { since, items, unmatched } = routesView(
        report,
        deps.routes().rules.map(({ name }) => name),
      );
      const body = {
        since,
        from: isoTimestamp(fromMs),
        to: isoTimestamp(toMs),
        items: items.map((item) => ({ ...item, uncounted: [...item.uncounted] })),
        unmatched: { ...unmatched, paths: [...unmatched.paths] },
      };
      return c.json(body, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/routes/hours',
      operationId: 'listRouteHours',
      summary: 'The figures of one route by hour, with the reasons of uncounted responses',
      tags: ['usage'],
      ...anyRole(),
      request: {
        query: hourQuery.extend({
          route: z.string().max(2000).openapi({
            description: 'Name of the route as the list shows it; empty: responses without a route.',
          }),
        }),
      },
      responses: { ...json(200, 'The figures.', RouteHoursSchema), ...problems() },
    }),
    async (c) => {
      const { route, ...asked } = c.req.valid('query');
      const { fromMs, toMs } = hourRange(asked, deps.now());
      if (toMs - fromMs > MAX_HOURS * HOUR_MS) {
        throw fieldProblem(
          400,
          'from',
          `is more than ${MAX_HOURS} hours before \`to\``,
          'choose a shorter range',
        );
      }
      await deps.shipCounts();
      const items = routeHours(await deps.counting.hours(route, fromMs, toMs));
      const body = { route, from: isoTimestamp(fromMs), to: isoTimestamp(toMs) };
      return c.json(
        { ...body, items: items.map((item) => ({ ...item, uncounted: [...item.uncounted] })) },
        200,
      );
    },
  );
}
