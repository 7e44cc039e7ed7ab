/** What another matrix and other modes would have withheld in a time range. Nothing changes. */

import { createRoute, z } from '@hono/zod-openapi';
import type { ExposureSums } from '../../../report/askers/port.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { ASKER_CLASSES } from '../../../rights/asker.ts';
import { classRules, MODES } from '../../../rights/enforcement.ts';
import { type Exposure, type ForecastSums, forecast } from '../../../rights/what-if.ts';
import { policySchema } from '../../../terms/policy.ts';
import { anyRole } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { NO_QUERY, TimestampOut } from '../../fields.ts';
import { problems } from '../../problem.ts';
import { hourQuery, hourRange } from '../hour-range.ts';

/** Clients in a result; the ones from which most answers would have been withheld. */
const MAX_CLIENTS = 200;

const { classes, whenAway } = policySchema.shape.enforcement.unwrap().shape;

const RightsWhatIfBody = hourQuery
  .extend({
    matrix: policySchema.shape.matrix,
    mode: z.enum(MODES).default('enforce').openapi({
      description: 'The mode of all classes. Classes in mode shadow or off would withhold nothing.',
    }),
    classes,
    whenAway,
  })
  .openapi('RightsWhatIfRequest');

const count = z.int().min(0);
const sums = {
  answers: count,
  posts: count.openapi({ description: 'Posts that were delivered.' }),
  withheld: count.openapi({ description: 'Answers that were withheld.' }),
  wouldWithhold: count.openapi({ description: 'Answers that would have been withheld.' }),
  wouldWithholdPosts: count.openapi({
    description: 'Delivered posts of the answers that would have been withheld.',
  }),
  unread: count.openapi({
    description: 'Answers whose rights were not looked up, because the mode of their class was off.',
  }),
};

export const RightsWhatIfSchema = z
  .object({
    from: TimestampOut,
    to: TimestampOut,
    total: z.object(sums),
    classes: z.array(z.object({ class: z.enum(ASKER_CLASSES), ...sums })),
    routes: z.array(z.object({ route: z.string(), ...sums })),
    clients: z.array(z.object({ clientId: z.string(), ...sums })).openapi({
      description:
        'The 200 clients from which most answers would have been withheld. An empty id: not recorded.',
    }),
  })
  .openapi('RightsWhatIf');

export function rightsWhatIfRoute(
  app: AdminApp,
  deps: Pick<AdminDeps, 'askers' | 'shipCounts' | 'now'>,
): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/rights/what-if',
      operationId: 'tryRights',
      summary: 'What another matrix and other modes would have withheld in a time range',
      description:
        'Exact for every class whose mode was shadow or enforce: a decision depends only on the asker and the recorded ' +
        'states of the resource. Nothing changes.',
      tags: ['rights'],
      ...anyRole(),
      request: { query: NO_QUERY, body: jsonBody(RightsWhatIfBody) },
      responses: { ...json(200, 'The forecast.', RightsWhatIfSchema), ...problems() },
    }),
    async (c) => {
      const { matrix, mode, classes: modes, whenAway: away, ...range } = c.req.valid('json');
      const { fromMs, toMs } = hourRange(range, deps.now());
      await deps.shipCounts();
      const exposures = (await deps.askers.exposures(fromMs, toMs)).map(exposureOf);
      const enforcement = { mode, classes: modes, whenAway: away, maxStalenessSeconds: 0, conceal: true };
      const { total, byClass, byRoute, byClient } = forecast(exposures, classRules({ matrix, enforcement }));
      return c.json(
        {
          ...{ from: isoTimestamp(fromMs), to: isoTimestamp(toMs), total },
          classes: largestFirst(byClass).map(([own, rest]) => ({ class: own, ...rest })),
          routes: largestFirst(byRoute).map(([route, rest]) => ({ route, ...rest })),
          clients: largestFirst(byClient)
            .slice(0, MAX_CLIENTS)
            .map(([clientId, rest]) => ({ clientId, ...rest })),
        },
        200,
      );
    },
  );
}

function exposureOf({ alsoAs, ...same }: ExposureSums): Exposure {
  return { ...same, alsoAs: alsoAs || null };
}

function largestFirst<Key>(sumsOf: ReadonlyMap<Key, ForecastSums>): Array<[Key, ForecastSums]> {
  return [...sumsOf].sort(([, a], [, b]) => b.wouldWithhold - a.wouldWithhold || b.answers - a.answers);
}
