/** The usage of all clients by hour. `postmeter reconcile` compares it with the upstream's log. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { anyRole } from '../../auth.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { TimestampIn, TimestampOut } from '../../fields.ts';
import { pageAsk, pageFields, pageJson, pageResponse } from '../../paging.ts';
import { fieldProblem, problems } from '../../problem.ts';

/** The key of a page: client id and start of the hour in ms. */
const KEY = /^[a-zA-Z0-9:._/-]{1,128} \d{1,15}$/;

const DEFAULT_RANGE_MS = 86_400_000;

const query = z.strictObject({
  from: TimestampIn.optional().openapi({ description: 'Default: a day before `to`.' }),
  to: TimestampIn.optional().openapi({ description: 'Exclusive. Default: now.' }),
  ...pageFields(KEY),
});

const count = z.int().min(0);
export const ClientHourSchema = z
  .object({
    clientId: z.string(),
    at: TimestampOut.openapi({
      description: 'The start of the hour, even if the range covers only a part of it.',
    }),
    posts: count,
    requests: count,
    refused: count,
    bytes: count,
    uncounted: count,
  })
  .openapi('ClientHour');

export function hourlyUsageRoutes(app: AdminApp, deps: Pick<AdminDeps, 'store' | 'now'>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/usage',
      operationId: 'listHourlyUsage',
      summary: 'Usage of all clients by hour',
      description: 'The hours of a client are consecutive. Hours without usage are absent.',
      tags: ['usage'],
      ...anyRole(),
      request: { query },
      responses: { ...pageResponse(ClientHourSchema, 'HourlyUsagePage'), ...problems() },
    }),
    async (c) => {
      const asked = c.req.valid('query');
      const toMs = asked.to ?? deps.now();
      const fromMs = asked.from ?? toMs - DEFAULT_RANGE_MS;
      if (fromMs >= toMs) {
        const hint = `use a time before ${isoTimestamp(toMs)}`;
        throw fieldProblem(400, 'from', 'is not before `to`', hint);
      }
      const page = await deps.store.hourlyUsage(fromMs, toMs, pageAsk(asked));
      return c.json(
        pageJson(page, ({ clientId, atMs, ...sums }) => ({ clientId, at: isoTimestamp(atMs), ...sums })),
        200,
      );
    },
  );
}
