/** The route of the overview: who is near or over the threshold now, what is uncounted, and whether metering is sound. */

import { createRoute, z } from '@hono/zod-openapi';
import { nearestFirst } from '../../report/client-totals.ts';
import { clientNowView, currencyView } from '../../report/clients/client-now-view.ts';
import { loadClientsNow } from '../../report/clients/load.ts';
import { countByShare, countingQuality, wholeMinutes } from '../../report/clients/overview.ts';
import { isoTimestamp } from '../../report/timestamp.ts';
import { anyRole } from '../auth.ts';
import { NEAR_SHARE } from '../client-list.ts';
import { json } from '../content.ts';
import type { AdminApp, AdminDeps } from '../deps.ts';
import { NO_QUERY, TimestampOut } from '../fields.ts';
import { FaultSchema, problems } from '../problem.ts';
import { CallerGroupSchema } from './callers/callers.ts';
import { groupsOver } from './callers/groups-over.ts';
import { ClientNowSchema, CurrencyAmountSchema } from './clients/client-now-schema.ts';
import { ClientSchema } from './clients/client-schemas.ts';
import { failingChecks } from './health.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SERIES_MINUTES = 60;
const NEAR_CLIENTS = 20;
/**
 * Clients whose totals are computed: those with the largest cached shares, and those with the most posts of the last
 * minutes, because the cache may be a minute old.
 */
const BY_SHARE = 40;
const BY_POSTS = 20;
const RECENT_MS = 3 * MINUTE_MS;
const UNCOUNTED_HOURS = 24;

export const OverviewSchema = z
  .object({
    asOf: TimestampOut,
    rates: z.object({
      postsPerSecond: z.number().openapi({ description: 'Of the last whole minute.' }),
      requestsPerSecond: z.number(),
      series: z
        .array(z.object({ at: TimestampOut, posts: z.int(), requests: z.int() }))
        .openapi({ description: `The last ${SERIES_MINUTES} whole minutes.` }),
    }),
    counts: z.object({
      over: z.int().openapi({ description: 'Clients over their thresholds.' }),
      near: z
        .int()
        .openapi({ description: `Clients from ${NEAR_SHARE * 100} % of their thresholds up to it.` }),
    }),
    near: z
      .array(ClientSchema.pick({ id: true, name: true, source: true }).extend({ now: ClientNowSchema }))
      .openapi({ description: `The ${NEAR_CLIENTS} clients closest to their thresholds.` }),
    groups: z
      .array(
        CallerGroupSchema.pick({
          key: true,
          callers: true,
          total: true,
          peak: true,
          share: true,
          comesTo: true,
        }),
      )
      .openapi({
        description:
          'Networks of unknown callers that are together over the threshold in the last 24 hours, as /v1/callers judges them. At most a minute old.',
      }),
    drafts: z
      .array(CurrencyAmountSchema.extend({ invoices: z.int() }))
      .openapi({ description: 'Sums of drafts and approved invoices, by currency.' }),
    uncounted: z
      .object({
        since: TimestampOut,
        responses: z.int(),
        of: z.int().openapi({ description: 'All responses since then.' }),
        share: z
          .number()
          .nullable()
          .openapi({ description: '`responses` divided by `of`; null if there are none.' }),
      })
      .openapi({
        description: `Responses that could not be counted, in the last ${UNCOUNTED_HOURS} hours by the clock.`,
      }),
    health: z.object({
      problems: z
        .array(FaultSchema)
        .openapi({ description: 'Failed checks and warnings of this process, as in /readyz.' }),
      clientsOnHold: z.int(),
      isAllOnHold: z.boolean().openapi({ description: 'Whether the billing of all clients is on hold.' }),
      crossCheck: z
        .object({ responses: z.int(), differs: z.int() })
        .openapi({ description: 'Responses that were counted twice since `uncounted.since`.' }),
    }),
  })
  .openapi('Overview');

type Deps = Pick<
  AdminDeps,
  | 'store'
  | 'clientList'
  | 'figures'
  | 'callers'
  | 'counting'
  | 'shipCounts'
  | 'checks'
  | 'warnings'
  | 'now'
  | 'rules'
>;

export function overviewRoute(app: AdminApp, deps: Deps): void {
  const groupsAt = groupsOver(deps);
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/overview',
      operationId: 'getOverview',
      summary: 'Who is near or over the threshold now, what is uncounted, and whether metering is sound',
      description: `Figures are computed from usage. Beyond the ${BY_SHARE} clients with the largest shares and the ${BY_POSTS} with the most recent posts, counts follow totals that are at most a minute old if billing runs.`,
      tags: ['usage'],
      ...anyRole(),
      request: { query: NO_QUERY },
      responses: { ...json(200, 'The overview.', OverviewSchema), ...problems() },
    }),
    async (c) => {
      const nowMs = deps.now();
      const [nearest, groups, rates, drafts, quality, health] = await Promise.all([
        nearestClients(deps, nowMs),
        groupsAt(nowMs),
        ratesOf(deps, nowMs),
        deps.figures.openDrafts(),
        qualityOf(deps, nowMs),
        healthOf(deps),
      ]);
      const { uncounted, crossCheck } = quality;
      return c.json(
        {
          asOf: isoTimestamp(nowMs),
          rates,
          ...nearest,
          groups,
          drafts: drafts.map((sum) => ({ ...currencyView(sum), invoices: sum.invoices })),
          uncounted,
          health: { ...health, crossCheck },
        },
        200,
      );
    },
  );
}

async function nearestClients({ store, clientList, figures, rules }: Deps, nowMs: number) {
  const candidates = await figures.nearCandidates(BY_SHARE, BY_POSTS, nowMs - RECENT_MS);
  const clock = { nowMs, bucketSeconds: rules.bucketSeconds };
  const [found, others] = await Promise.all([
    loadClientsNow({ store, figures }, candidates, clock),
    figures.cachedCounts(NEAR_SHARE, candidates),
  ]);
  const here = countByShare([...found.values()], NEAR_SHARE);
  const shown = nearestFirst([...found.values()].filter(({ share }) => share !== null && share > 0));
  const nearest = shown.slice(0, NEAR_CLIENTS);
  const records = await clientList.byIds(nearest.map(({ clientId }) => clientId));
  const byId = new Map(records.map((record) => [record.id, record]));
  return {
    counts: { over: here.over + others.over, near: here.near + others.near },
    near: nearest.map((now) => {
      const { id, name, source } = byId.get(now.clientId)!;
      return { id, name, source, now: clientNowView(now) };
    }),
  };
}

async function ratesOf({ figures }: Deps, nowMs: number) {
  const sums = await figures.minuteSums(nowMs - (SERIES_MINUTES + 1) * MINUTE_MS, nowMs);
  const series = wholeMinutes(sums, nowMs, SERIES_MINUTES);
  const last = series.at(-1)!;
  return {
    postsPerSecond: Number((last.posts / 60).toFixed(2)),
    requestsPerSecond: Number((last.requests / 60).toFixed(2)),
    series: series.map(({ atMs, ...sums }) => ({ at: isoTimestamp(atMs), ...sums })),
  };
}

async function qualityOf({ counting, shipCounts }: Deps, nowMs: number) {
  await shipCounts();
  const sinceMs = (Math.floor(nowMs / HOUR_MS) - UNCOUNTED_HOURS + 1) * HOUR_MS;
  const { responses, uncounted, checked, differs } = countingQuality(await counting.report(sinceMs, nowMs));
  return {
    uncounted: {
      since: isoTimestamp(sinceMs),
      responses: uncounted,
      of: responses,
      share: responses === 0 ? null : uncounted / responses,
    },
    crossCheck: { responses: checked, differs },
  };
}

async function healthOf({ figures, checks, warnings }: Deps) {
  const [failed, warned, holds] = await Promise.all([
    failingChecks(checks),
    failingChecks(warnings),
    figures.holds(),
  ]);
  return { problems: [...failed, ...warned], clientsOnHold: holds.clients, isAllOnHold: holds.isForAll };
}
