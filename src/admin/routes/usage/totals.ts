/** Lists the clients that are closest to their thresholds now, from the usage in the ledger. */

import { createRoute, z } from '@hono/zod-openapi';
import { type ClientTotal, currentTotals, nearestFirst } from '../../../report/client-totals.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { anyRole } from '../../auth.ts';
import { json } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { TimestampOut } from '../../fields.ts';
import { problems } from '../../problem.ts';

const query = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(20).openapi({
    type: 'integer',
    minimum: 1,
    maximum: 1000,
    default: 20,
    description: 'Maximum number of clients in the response.',
  }),
});

export const TotalSchema = z
  .object({
    clientId: z.string(),
    name: z.string(),
    kind: z.enum(['damages', 'licence', 'exempt']).openapi({ description: 'Kind of the tariff in force.' }),
    total: z.int().openapi({ description: 'Posts in the window that ends now.' }),
    windowSeconds: z.int(),
    threshold: z.int().nullable().openapi({ description: 'null: the tariff has no threshold.' }),
    share: z
      .number()
      .nullable()
      .openapi({ description: '`total` divided by `threshold`, to six decimal places.', example: 0.8125 }),
  })
  .openapi('ClientTotal');

const TotalsSchema = z.object({ asOf: TimestampOut, items: z.array(TotalSchema) }).openapi('ClientTotals');

type Deps = Pick<AdminDeps, 'store' | 'now' | 'rules'>;

export function totalRoutes(app: AdminApp, { store, rules, now }: Deps): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/totals',
      operationId: 'listTotals',
      summary: 'The clients closest to their thresholds, by their rolling totals',
      description: 'Clients without usage in the window are omitted. Clients without a threshold come last.',
      tags: ['usage'],
      ...anyRole(),
      request: { query },
      responses: { ...json(200, 'The clients.', TotalsSchema), ...problems() },
    }),
    async (c) => {
      const nowMs = now();
      const totals = nearestFirst(await currentTotals(store, rules.bucketSeconds, nowMs)).slice(
        0,
        c.req.valid('query').limit,
      );
      return c.json({ asOf: isoTimestamp(nowMs), items: totals.map(totalJson) }, 200);
    },
  );
}

function totalJson({ windowMs, share, ...rest }: ClientTotal) {
  return {
    ...rest,
    windowSeconds: windowMs / 1000,
    share: share === null ? null : Number(share.toFixed(6)),
  };
}
