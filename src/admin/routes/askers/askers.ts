/** Who asked: answers, posts and withheld answers by class, agent, client and hour, over all processes and isolates. */

import { createRoute, z } from '@hono/zod-openapi';
import { askersView } from '../../../report/askers/asker-view.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { ASKER_CLASSES, EVIDENCE, VERDICTS } from '../../../rights/asker.ts';
import { anyRole } from '../../auth.ts';
import { json } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { ClientId, TimestampOut } from '../../fields.ts';
import { problems } from '../../problem.ts';
import { hourQuery, hourRange } from '../hour-range.ts';

const count = z.int().min(0);
const sums = {
  class: z.enum(ASKER_CLASSES),
  answers: count,
  posts: count.openapi({ description: 'Posts that were delivered.' }),
  withheld: count.openapi({ description: 'Answers that were withheld because of rights.' }),
};

export const AskersSchema = z
  .object({
    from: TimestampOut,
    to: TimestampOut,
    classes: z.array(z.object(sums)),
    agents: z
      .array(
        z.object({
          agent: z.string().openapi({ example: 'GPTBot' }),
          ...sums,
          alsoAs: z.enum(ASKER_CLASSES).nullable().openapi({
            description: 'A second class: the request gets only what both classes may have.',
          }),
          verdict: z.enum(VERDICTS).nullable(),
          evidence: z.enum(EVIDENCE),
        }),
      )
      .openapi({
        description: 'The 200 with the most answers. Class forged: claims that the operator denies.',
      }),
    clients: z.array(z.object({ clientId: z.string(), ...sums, agent: z.string().nullable() })).openapi({
      description:
        'The 200 with the most answers. People and unknown callers without an agent are not recorded.',
    }),
    hours: z.array(
      z.object({ at: TimestampOut.openapi({ description: 'Start of the UTC hour.' }), ...sums }),
    ),
  })
  .openapi('Askers');

const query = hourQuery.extend({
  client: ClientId.optional().openapi({ description: 'Only answers to this client. Default: all askers.' }),
});

export type AskersJson = z.infer<typeof AskersSchema>;

export function askerRoutes(app: AdminApp, deps: Pick<AdminDeps, 'askers' | 'shipCounts' | 'now'>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/askers',
      operationId: 'listAskers',
      summary: 'Answers, posts and withheld answers by class, agent, client and hour',
      description:
        'Sums over whole UTC hours, of all processes and isolates. Other processes add their counts every few seconds.',
      tags: ['rights'],
      ...anyRole(),
      request: { query },
      responses: { ...json(200, 'The figures.', AskersSchema), ...problems() },
    }),
    async (c) => {
      const { client, ...range } = c.req.valid('query');
      const { fromMs, toMs } = hourRange(range, deps.now());
      await deps.shipCounts();
      const { classes, agents, clients } = askersView(await deps.askers.exposures(fromMs, toMs, client));
      const hours = await deps.askers.classHours(fromMs, toMs, client);
      return c.json(
        {
          ...{ from: isoTimestamp(fromMs), to: isoTimestamp(toMs) },
          ...{ classes: [...classes], agents: [...agents], clients: [...clients] },
          hours: hours.map(({ hourMs, ...rest }) => ({ at: isoTimestamp(hourMs), ...rest })),
        },
        200,
      );
    },
  );
}
