/** The route of a client's usage over time with its rolling total, as JSON or CSV. */

import { createRoute, z } from '@hono/zod-openapi';
import { type Cell, csvLines } from '../../../report/csv.ts';
import { grainMs, type SeriesRange, type UsagePoint, usageSeries } from '../../../report/series.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { UNIQUE_COLUMNS, uniqueCells, uniqueDayView } from '../../../report/unique.ts';
import { longestWindowMs, windowMsAt, windowPeriods } from '../../../report/windows.ts';
import { anyRole } from '../../auth.ts';
import { CSV_CONTENT, csvResponse, FORMAT_QUERY, wantsCsv } from '../../csv-response.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { ClientId, TimestampIn, TimestampOut } from '../../fields.ts';
import { fieldProblem, problems } from '../../problem.ts';
import { existingClient } from '../clients/clients.ts';
import { uniqueFields } from './unique-schema.ts';

const STEPS_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
const DEFAULT_RANGE_MS = STEPS_MS.day;
/** Maximum number of steps that one request may aggregate: 69 days of minutes, or 11 years of hours. */
const MAX_SUMS = 100_000;

const NO_POSTS = { posts: 0, standardError: 0, withoutId: 0 };

const query = z.strictObject({
  from: TimestampIn.optional().openapi({
    description: 'Rounded down to the start of its step. Default: a day before `to`.',
  }),
  to: TimestampIn.optional().openapi({ description: 'Rounded up to the end of its step. Default: now.' }),
  step: z.enum(['minute', 'hour', 'day']).default('hour'),
  ...FORMAT_QUERY,
});

const PointSchema = z.object({
  at: TimestampOut,
  posts: z.int(),
  requests: z.int(),
  refused: z.int(),
  bytes: z.int(),
  uncounted: z.int().openapi({ description: 'Responses whose posts could not be counted.' }),
  total: z.int().openapi({ description: "Posts in the tariff's window that ends where the point ends." }),
});

const UniqueDaySchema = z.object({ day: z.iso.date(), ...uniqueFields });

export const SeriesSchema = z
  .object({
    clientId: z.string(),
    from: TimestampOut,
    to: TimestampOut,
    step: z.enum(['minute', 'hour', 'day']),
    points: z.array(PointSchema),
    unique: z.array(UniqueDaySchema).openapi({
      description:
        'By UTC day. Each figure covers the whole day, even if the range covers only a part of it. Days without posts are absent.',
    }),
  })
  .openapi('UsageSeries');

export function usageRoutes(app: AdminApp, deps: Pick<AdminDeps, 'store' | 'now' | 'rules'>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/clients/{clientId}/usage',
      operationId: 'getUsage',
      summary: 'Usage of a client in equal steps, each with the rolling total at its end',
      tags: ['usage'],
      ...anyRole(),
      request: { params: z.object({ clientId: ClientId }), query },
      responses: {
        200: {
          description: 'The series, including empty steps.',
          content: { 'application/json': { schema: SeriesSchema }, ...CSV_CONTENT },
        },
        ...problems(404),
      },
    }),
    async (c) => {
      const asked = c.req.valid('query');
      const { id } = await existingClient(deps.store, c.req.valid('param').clientId);
      const range = rangeOf(asked, deps.now());
      const points = await seriesOf(deps, id, range);
      const unique = (await deps.store.uniqueDays(id, range.fromMs, range.toMs)).map(uniqueDayView);
      const { step } = asked;
      if (wantsCsv(c, asked)) {
        return csvResponse(`usage-${id}`, csvOf(id, points, step, unique), asked);
      }
      const [from, to] = [isoTimestamp(range.fromMs), isoTimestamp(range.toMs)];
      return c.json({ clientId: id, from, to, step, points: points.map(pointJson), unique }, 200);
    },
  );
}

function rangeOf(asked: z.output<typeof query>, nowMs: number): SeriesRange {
  const stepMs = STEPS_MS[asked.step];
  const toMs = asked.to ?? nowMs;
  const fromMs = asked.from ?? toMs - DEFAULT_RANGE_MS;
  if (fromMs >= toMs) {
    throw fieldProblem(400, 'from', 'is not before `to`', `use a time before ${isoTimestamp(toMs)}`);
  }
  return {
    fromMs: Math.floor(fromMs / stepMs) * stepMs,
    toMs: Math.ceil(toMs / stepMs) * stepMs,
    stepMs,
  };
}

async function seriesOf(
  { store, rules }: Pick<AdminDeps, 'store' | 'rules'>,
  clientId: string,
  range: SeriesRange,
): Promise<UsagePoint[]> {
  const periods = windowPeriods(clientId, await store.tariffsFor([clientId]), rules.bucketSeconds, range);
  const grain = grainMs(
    range.stepMs,
    periods.map(({ windowMs }) => windowMs),
  );
  const fromMs = range.fromMs - longestWindowMs(periods);
  demandFewSums((range.toMs - fromMs) / grain);
  const sums = await store.usage(clientId, fromMs, range.toMs, grain);
  return usageSeries(sums, range, (atMs) => windowMsAt(periods, atMs));
}

function demandFewSums(sums: number): void {
  if (sums <= MAX_SUMS) return;
  const reason = `requires ${Math.ceil(sums)} steps to be aggregated, over the limit of ${MAX_SUMS}`;
  throw fieldProblem(400, 'from', reason, 'use a later from, an earlier to, or a longer step');
}

function pointJson({ atMs, ...counts }: UsagePoint) {
  return { at: isoTimestamp(atMs), ...counts };
}

/** Unique posts are counted per day, so only the rows of daily steps have them. */
async function* csvOf(
  clientId: string,
  points: readonly UsagePoint[],
  step: z.output<typeof query>['step'],
  unique: readonly ReturnType<typeof uniqueDayView>[],
): AsyncGenerator<string> {
  const header = ['client', 'at', 'posts', 'requests', 'refused', 'bytes', 'uncounted', 'total'];
  const rows = points.map((p): Cell[] => [
    clientId,
    isoTimestamp(p.atMs),
    p.posts,
    p.requests,
    p.refused,
    p.bytes,
    p.uncounted,
    p.total,
  ]);
  if (step === 'day') {
    header.push(...UNIQUE_COLUMNS);
    const days = new Map(unique.map((day) => [day.day, day]));
    for (const row of rows) row.push(...uniqueCells(days.get(String(row[1]).slice(0, 10)) ?? NO_POSTS));
  }
  yield csvLines([header, ...rows]);
}
