/** The route that lists unknown callers in groups, each judged as if it were one client. */

import { createRoute, z } from '@hono/zod-openapi';
import type { JudgedAsOne } from '../../../callers/as-one.ts';
import { GROUPINGS, rhythmOf } from '../../../callers/groups.ts';
import { type CallersReport, reportCallers } from '../../../callers/report.ts';
import { bucketOf } from '../../../meter/usage.ts';
import { currencyView } from '../../../report/clients/client-now-view.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { anyRole } from '../../auth.ts';
import { json } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { TimestampIn, TimestampOut } from '../../fields.ts';
import { fieldProblem, problems } from '../../problem.ts';
import { CurrencyAmountSchema } from '../clients/client-now-schema.ts';

const DAY_MS = 86_400_000;
const MAX_RANGE_MS = 31 * DAY_MS;
const MAX_CHOSEN = 100;
/** User agents and routes shown per group. */
const MAX_SHOWN = 8;

const query = z.strictObject({
  by: z
    .enum(GROUPINGS)
    .default('network')
    .openapi({
      description:
        'network: the widest of /16 and /24, /32 and /48, of which at least half the seen addresses are callers. ' +
        'user_agent: the user agent with the most posts. alike: the same family of user agents, routes and hours in at ' +
        'least three networks.',
    }),
  from: TimestampIn.optional().openapi({
    description: 'Start, rounded down to a bucket. Default: 24 hours before `to`.',
  }),
  to: TimestampIn.optional().openapi({ description: 'End, rounded up to a bucket. Default: now.' }),
  min: z.coerce.number().int().min(1).max(1_000_000_000).default(1).openapi({
    type: 'integer',
    minimum: 1,
    maximum: 1_000_000_000,
    default: 1,
    description: 'Callers with fewer posts are not grouped.',
  }),
  limit: z.coerce.number().int().min(1).max(200).default(50).openapi({
    type: 'integer',
    minimum: 1,
    maximum: 200,
    default: 50,
    description: 'Maximum number of groups, those with the most posts.',
  }),
  group: z
    .union([z.string().max(400), z.array(z.string().max(400)).max(MAX_CHOSEN)])
    .transform((keys) => (Array.isArray(keys) ? keys : [keys]))
    .optional()
    .openapi({
      type: 'array',
      items: { type: 'string' },
      description: 'Keys of groups that are judged together in `chosen`; may be repeated.',
    }),
});

const count = z.int().min(0);
export const AmountsOut = z
  .array(CurrencyAmountSchema)
  .openapi({ description: 'By currency; empty if nothing is charged.' });
const asOneFields = {
  callers: count,
  total: count.openapi({ description: 'Posts in the range.' }),
  peak: count.openapi({ description: 'The largest total of a window.' }),
  share: z.number().nullable().openapi({
    description: '`peak` divided by `threshold`, to six decimal places; null without a threshold.',
  }),
  breaches: count,
  comesTo: AmountsOut,
};
const ValueSchema = z.object({ value: z.string(), requests: count, posts: count });

export const CallerGroupSchema = z
  .object({
    key: z.string().openapi({
      description: 'A network, a user agent, or the id of the only or largest caller. Unique in the list.',
      example: '203.0.113.0/24',
    }),
    by: z.enum(GROUPINGS),
    mayBeNamed: z.boolean().openapi({
      description: 'false: a range of callers beyond identify.maxAddresses, which is never billed.',
    }),
    ...asOneFields,
    largest: count.openapi({ description: 'Posts of the largest caller.' }),
    networks: count.openapi({ description: 'Different /24 and /48.' }),
    rhythm: z.string().openapi({ description: 'Hours with 90 % of the posts.', example: '06-09 UTC' }),
    hours: z.array(count).openapi({ description: 'Posts by hour of the day, UTC.' }),
    userAgents: z.array(ValueSchema).openapi({
      description: `At most ${MAX_SHOWN}. Empty if no caller took more than 0.1 % of the threshold in a day. Text that callers chose.`,
    }),
    userAgentsKnown: count,
    routes: z.array(ValueSchema),
  })
  .openapi('CallerGroup');

export const CallersSchema = z
  .object({
    from: TimestampOut,
    to: TimestampOut,
    threshold: z.int().nullable().openapi({ description: 'Of the default tariff; null: it has none.' }),
    seen: count.openapi({ description: 'Unknown callers with usage.' }),
    grouped: count.openapi({ description: 'Those that are in a group.' }),
    groups: count.openapi({ description: 'Groups, of which `items` has at most `limit`.' }),
    items: z.array(CallerGroupSchema),
    chosen: z
      .object({
        ...asOneFields,
        callerIds: z.array(z.string()),
        ranges: z.array(z.string()).openapi({
          description:
            'Ranges that would recognise the callers: a whole /24 or /48 where at least 3 of them are at least half of the seen addresses, otherwise their own addresses.',
        }),
      })
      .nullable()
      .openapi({ description: 'The groups of `group` as one client, each caller once.' }),
  })
  .openapi('Callers');

type Deps = Pick<AdminDeps, 'store' | 'callers' | 'shipCounts' | 'now' | 'rules'>;

export function callerRoutes(app: AdminApp, deps: Deps): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/callers',
      operationId: 'listCallers',
      summary: 'Unknown callers by network, user agent or behaviour, judged as one client',
      description:
        'The minutes of all callers of a group are added up, and the rule of breaches is run on the sum. User agents and ' +
        'routes are known only of callers above 0.1 % of the threshold in a day, and for `callers.retainDays`.',
      tags: ['callers'],
      ...anyRole(),
      request: { query },
      responses: { ...json(200, 'The groups.', CallersSchema), ...problems() },
    }),
    async (c) => {
      const asked = c.req.valid('query');
      const { bucketSeconds } = deps.rules;
      const bucketMs = bucketSeconds * 1000;
      const toMs = bucketOf((asked.to ?? deps.now()) + bucketMs - 1, bucketSeconds);
      const fromMs = bucketOf(asked.from ?? toMs - DAY_MS, bucketSeconds);
      checkRange(fromMs, toMs);
      await deps.shipCounts();
      const defaults = await deps.store.tariffsFor([]);
      const report = await reportCallers(
        deps.callers,
        { ...asked, fromMs, toMs, minPosts: asked.min, chosen: asked.group ?? [] },
        defaults,
        bucketSeconds,
      );
      checkChosen(report);
      return c.json({ from: isoTimestamp(fromMs), to: isoTimestamp(toMs), ...reportJson(report) }, 200);
    },
  );
}

function checkRange(fromMs: number, toMs: number): void {
  if (fromMs >= toMs) {
    throw fieldProblem(400, 'from', 'is not before `to`', `use a time before ${isoTimestamp(toMs)}`);
  }
  if (toMs - fromMs > MAX_RANGE_MS) {
    throw fieldProblem(400, 'from', 'is more than 31 days before `to`', 'ask for a shorter range');
  }
}

function checkChosen({ chosen }: CallersReport): void {
  const [key] = chosen?.unknownKeys ?? [];
  if (key === undefined) return;
  const reason = key.startsWith('net:')
    ? 'is a range of callers, which is never billed'
    : 'is not in the list';
  throw fieldProblem(
    400,
    'group',
    `${reason}: ${key}`,
    'use keys of groups of the same list that may be named',
  );
}

function reportJson(report: CallersReport) {
  const { seen, grouped, groups, items, chosen, threshold } = report;
  return {
    ...{ threshold, seen, grouped, groups },
    items: items.map(({ group, asOne }) => ({
      ...{ key: group.key, by: group.by, mayBeNamed: group.mayBeNamed },
      ...asOneJson(asOne, group.members.length, threshold),
      ...{ largest: group.largest, networks: group.networks },
      ...{ rhythm: rhythmOf(group.hours), hours: [...group.hours] },
      userAgents: group.userAgents.slice(0, MAX_SHOWN),
      userAgentsKnown: group.userAgents.length,
      routes: group.routes.slice(0, MAX_SHOWN),
    })),
    chosen: chosen && {
      ...asOneJson(chosen.asOne, chosen.callerIds.length, threshold),
      ...{ callerIds: [...chosen.callerIds], ranges: [...chosen.ranges] },
    },
  };
}

export function asOneJson(
  { posts, peakPosts, breaches, amounts }: JudgedAsOne,
  callers: number,
  threshold: number | null,
) {
  return {
    callers,
    total: posts,
    peak: peakPosts,
    share: threshold === null ? null : Number((peakPosts / threshold).toFixed(6)),
    breaches,
    comesTo: amounts.map(currencyView),
  };
}
