/** The route of a client's chart: the rolling total of the billing rule against its threshold. */

import { createRoute, z } from '@hono/zod-openapi';
import {
  type ChartSpan,
  chartRange,
  clientChart,
  joinGaps,
  MAX_COLUMNS,
} from '../../../report/client-chart.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { longestWindowMs, windowPeriods } from '../../../report/windows.ts';
import { countedPosts } from '../../../tariff/counted.ts';
import { cutToBuckets } from '../../../tariff/posts.ts';
import type { TariffVersion } from '../../../tariff/tariff.ts';
import { type Period, timelineOf } from '../../../tariff/timeline.ts';
import { anyRole } from '../../auth.ts';
import { json } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { ClientId, TimestampOut } from '../../fields.ts';
import { problems } from '../../problem.ts';
import { BreachSchema, breachViewer } from '../breaches.ts';
import { existingClient } from './clients.ts';
import { RANGE_QUERY, rangeUntilNow } from './range.ts';

const spanFields = { from: TimestampOut, to: TimestampOut };
const count = z.int().min(0);

export const ChartSchema = z
  .object({
    clientId: z.string(),
    ...spanFields,
    stepSeconds: z.int(),
    points: z
      .array(
        z.object({
          at: TimestampOut,
          min: count.openapi({ description: "The smallest total of the tariff's window in the step." }),
          max: count,
          posts: count.openapi({ description: 'Posts of the step, as the tariff counts them.' }),
        }),
      )
      .max(MAX_COLUMNS),
    threshold: z
      .array(z.object({ ...spanFields, value: z.int() }))
      .openapi({ description: 'The threshold of the windows that end in each span. Absent without one.' }),
    over: z.array(z.object(spanFields)).openapi({
      description:
        'Where the total exceeds the threshold, to the bucket. Interruptions within one step are left out.',
    }),
    total: count.openapi({ description: 'The total at the end of the range.' }),
    peak: z.object({ total: count, at: TimestampOut }),
    breaches: z.array(BreachSchema).openapi({ description: 'Oldest first; void ones are left out.' }),
    gaps: z
      .array(z.object({ ...spanFields, responses: count, posts: count }))
      .openapi({ description: 'Traffic of all clients that could not be metered and is never billed.' }),
    tariffs: z
      .array(
        z.object({
          from: TimestampOut,
          versionId: z.string(),
          version: z.int(),
          isOwn: z.boolean().openapi({ description: 'false: a version of the default tariff.' }),
          kind: z.enum(['damages', 'licence', 'exempt']),
        }),
      )
      .openapi({ description: 'The versions in force in the range, by their starts.' }),
  })
  .openapi('ClientChart');

type Deps = Pick<AdminDeps, 'store' | 'history' | 'now' | 'rules'>;

export function clientChartRoute(app: AdminApp, deps: Deps): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/clients/{clientId}/chart',
      operationId: 'getClientChart',
      summary: "A client's rolling total against its threshold, in at most 800 steps",
      description:
        'Totals are those of the billing rule: under a damages tariff, a window holds only posts since the last change of count, window, basis or currency. Steps are as short as the range allows.',
      tags: ['usage'],
      ...anyRole(),
      request: { params: z.object({ clientId: ClientId }), query: z.strictObject(RANGE_QUERY) },
      responses: { ...json(200, 'The chart.', ChartSchema), ...problems(404) },
    }),
    async (c) => {
      const { id } = await existingClient(deps.store, c.req.valid('param').clientId);
      const span = rangeUntilNow(c.req.valid('query'), deps.now(), deps.rules.bucketSeconds);
      return c.json(await chartOf(deps, id, span), 200);
    },
  );
}

async function chartOf(deps: Deps, clientId: string, span: ChartSpan): Promise<z.input<typeof ChartSchema>> {
  const { store, history, rules } = deps;
  const { bucketSeconds } = rules;
  const range = chartRange(span, bucketSeconds);
  const { fromMs, toMs } = range;
  const versions = await store.tariffsFor([clientId]);
  const windowMs = longestWindowMs(windowPeriods(clientId, versions, bucketSeconds, range));
  const [served, breaches, gaps] = await Promise.all([
    history.served(clientId, fromMs - windowMs, toMs),
    history.breachesIn(clientId, fromMs, toMs),
    history.gapsIn(fromMs, toMs),
  ]);
  const periods = timelineOf(clientId, versions, bucketSeconds);
  const posts = cutToBuckets(countedPosts(served, periods), bucketSeconds);
  const chart = clientChart(posts, periods, range, bucketSeconds);
  const view = await breachViewer(deps, breaches);
  return {
    clientId,
    ...spanJson(range),
    stepSeconds: range.stepMs / 1000,
    points: chart.columns.map(({ atMs, ...sums }) => ({ at: isoTimestamp(atMs), ...sums })),
    threshold: chart.thresholds.map(({ threshold, ...of }) => ({ ...spanJson(of), value: threshold })),
    over: chart.over.map(spanJson),
    total: chart.total,
    peak: { total: chart.peak.total, at: isoTimestamp(chart.peak.atMs) },
    breaches: breaches.map(view),
    gaps: joinGaps(gaps).map(({ responses, posts: lost, ...of }) => ({
      ...spanJson(of),
      responses,
      posts: lost,
    })),
    tariffs: periods
      .filter((period) => period.fromMs < toMs && period.toMs > fromMs)
      .map((period) => tariffJson(period, versions)),
  };
}

function spanJson({ fromMs, toMs }: ChartSpan) {
  return { from: isoTimestamp(fromMs), to: isoTimestamp(toMs) };
}

function tariffJson({ fromMs, versionId, tariff }: Period, versions: readonly TariffVersion[]) {
  const { version, clientId } = versions.find(({ id }) => id === versionId)!;
  return {
    from: isoTimestamp(fromMs),
    versionId,
    version,
    isOwn: clientId !== null,
    kind: tariff.kind,
  };
}
