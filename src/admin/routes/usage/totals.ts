/** Lists the clients that are closest to their thresholds now, from the usage in the ledger. */

import { createRoute, z } from '@hono/zod-openapi';
import { buildDirectory } from '../../../identify/directory.ts';
import { bucketOf } from '../../../meter/usage.ts';
import { type ClientTotal, clientTotal, nearestFirst, windowGroups } from '../../../report/client-totals.ts';
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

export function totalRoutes(app: AdminApp, deps: Deps): void {
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
      const nowMs = deps.now();
      const totals = nearestFirst(await currentTotals(deps, nowMs)).slice(0, c.req.valid('query').limit);
      return c.json({ asOf: isoTimestamp(nowMs), items: totals.map(totalJson) }, 200);
    },
  );
}

/** Returns the totals of all clients with usage in their windows, unordered. */
async function currentTotals({ store, rules }: Deps, nowMs: number): Promise<ClientTotal[]> {
  const { bucketSeconds } = rules;
  const versions = await store.allTariffVersions();
  const directory = buildDirectory(
    { clients: [], identifiers: [], tariffs: versions, policies: [] },
    bucketSeconds,
  );
  const tariffOf = (clientId: string) => directory.tariffOf(clientId, nowMs);
  const own = new Set(versions.flatMap(({ clientId }) => (clientId === null ? [] : [clientId])));
  const groups = windowGroups(tariffOf(''), own, tariffOf, bucketSeconds);
  const named = groups.flatMap(({ clientIds }) => clientIds ?? []);
  const endMs = bucketOf(nowMs, bucketSeconds) + bucketSeconds * 1000;
  const found = await Promise.all(
    groups.map(({ windowMs, clientIds }) =>
      store.postsByClient(
        endMs - windowMs,
        endMs,
        clientIds === null ? { except: named } : { only: clientIds },
      ),
    ),
  );
  return found.flat().map((posts) => clientTotal(posts, tariffOf(posts.clientId), bucketSeconds));
}

function totalJson({ windowMs, share, ...rest }: ClientTotal) {
  return {
    ...rest,
    windowSeconds: windowMs / 1000,
    share: share === null ? null : Number(share.toFixed(6)),
  };
}
