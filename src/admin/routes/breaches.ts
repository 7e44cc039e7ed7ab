/** Routes of breaches: the client that exceeded its threshold, the period, the posts and the amount. */

import { createRoute, z } from '@hono/zod-openapi';
import { breachClosesAtMs } from '../../invoice/closing.ts';
import type { Breach } from '../../invoice/model.ts';
import { breachView } from '../../report/breach-view.ts';
import { anyRole } from '../auth.ts';
import { json } from '../content.ts';
import type { AdminApp, AdminDeps } from '../deps.ts';
import { AmountOut, ClientId, NO_QUERY, RecordId, TimestampOut } from '../fields.ts';
import { pageAsk, pageFields, pageJson, pageResponse, UUID_KEY } from '../paging.ts';
import { fieldProblem, problems } from '../problem.ts';

const State = z
  .enum(['open', 'settling', 'closed', 'void'])
  .openapi({ description: 'void: recomputation found no breach. Void breaches are listed only on request.' });

export const BreachSchema = z
  .object({
    id: z.string(),
    clientId: z.string(),
    state: State,
    from: TimestampOut.openapi({ description: 'Start of the bucket of its first post.' }),
    to: TimestampOut.openapi({ description: 'End of the bucket of its last post.' }),
    closesAt: TimestampOut.nullable().openapi({
      description:
        'When it closes: one window and billing.latenessSeconds after the total falls back below the threshold. An open breach that continues closes later. null: void, or no damages tariff applies to it any more.',
    }),
    posts: z.int(),
    billedPosts: z.int(),
    unbilledReason: z.enum(['within_refusing_tariff']).nullable().openapi({
      description:
        'within_refusing_tariff: posts of the breach were delivered under a tariff with onThreshold "refuse" and are not billed.',
    }),
    peakPosts: z.int().openapi({ description: 'The largest total of a window in it.' }),
    peakAt: TimestampOut,
    amount: AmountOut,
    currency: z.string(),
  })
  .openapi('Breach');

const tags = ['breaches'];

type Deps = Pick<AdminDeps, 'store' | 'rules'>;

export function breachRoutes(app: AdminApp, deps: Deps): void {
  const { store } = deps;
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/breaches',
      operationId: 'listBreaches',
      summary: 'Breaches, newest first',
      tags,
      ...anyRole(),
      request: {
        query: z.strictObject({
          ...pageFields(UUID_KEY),
          client: ClientId.optional(),
          state: State.optional(),
        }),
      },
      responses: { ...pageResponse(BreachSchema, 'BreachPage'), ...problems() },
    }),
    async (c) => {
      const { client, state, ...page } = c.req.valid('query');
      const found = await store.breaches({ clientId: client, state }, pageAsk(page));
      const view = await breachViewer(deps, found.items);
      return c.json(pageJson(found, view), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/breaches/{breachId}',
      operationId: 'getBreach',
      summary: 'One breach',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY, params: z.object({ breachId: RecordId }) },
      responses: { ...json(200, 'The breach.', BreachSchema), ...problems(404) },
    }),
    async (c) => {
      const breach = await store.breach(c.req.valid('param').breachId);
      if (breach === null) throw fieldProblem(404, 'breachId', 'names no breach', 'see /v1/breaches');
      const view = await breachViewer(deps, [breach]);
      return c.json(view(breach), 200);
    },
  );
}

/** Loads the tariffs of the clients of `breaches` and returns a function that renders any of them. */
export async function breachViewer({ store, rules }: Deps, breaches: readonly Breach[]) {
  const versions = await store.tariffsFor([...new Set(breaches.map(({ clientId }) => clientId))]);
  return (breach: Breach) => breachView(breach, breachClosesAtMs(breach.clientId, breach, versions, rules));
}
