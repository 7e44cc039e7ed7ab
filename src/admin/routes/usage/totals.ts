/** Lists the clients that are closest to their thresholds now, from the usage in the ledger. */

import { createRoute, z } from '@hono/zod-openapi';
import { type ClientTotal, currentTotals, nearestFirst } from '../../../report/client-totals.ts';
import type { ClientNow } from '../../../report/clients/client-now.ts';
import { loadClientsNow } from '../../../report/clients/load.ts';
import { isoTimestamp, isoTimestampOrNull } from '../../../report/timestamp.ts';
import { anyRole } from '../../auth.ts';
import { json } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { TimestampOut } from '../../fields.ts';
import { problems } from '../../problem.ts';
import { ClientNowSchema } from '../clients/client-now-schema.ts';

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
    pace: ClientNowSchema.shape.pace,
    overAt: ClientNowSchema.shape.overAt,
  })
  .openapi('ClientTotal');

const TotalsSchema = z.object({ asOf: TimestampOut, items: z.array(TotalSchema) }).openapi('ClientTotals');

type Deps = Pick<AdminDeps, 'store' | 'figures' | 'now' | 'rules'>;

export function totalRoutes(app: AdminApp, deps: Deps): void {
  const { store, rules, now } = deps;
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
      const totals = nearestFirst(await currentTotals(store, rules.bucketSeconds, nowMs));
      const shown = totals.slice(0, c.req.valid('query').limit);
      const clock = { nowMs, bucketSeconds: rules.bucketSeconds };
      const present = await loadClientsNow(
        deps,
        shown.map(({ clientId }) => clientId),
        clock,
      );
      const items = shown.map((total) => totalJson(total, present.get(total.clientId)!));
      return c.json({ asOf: isoTimestamp(nowMs), items }, 200);
    },
  );
}

function totalJson({ windowMs, share, ...rest }: ClientTotal, { pace, overAtMs }: ClientNow) {
  return {
    ...rest,
    windowSeconds: windowMs / 1000,
    share: share === null ? null : Number(share.toFixed(6)),
    pace,
    overAt: isoTimestampOrNull(overAtMs),
  };
}
