/** Routes of the counters of invoice numbers: their positions, and advancing one after a restore. */

import { createRoute, z } from '@hono/zod-openapi';
import type { NumberCounter } from '../../../invoice/port.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { DEFAULT_SERIES } from '../../../seller/model.ts';
import { anyRole, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { NO_QUERY, Reason, TimestampOut } from '../../fields.ts';
import { fieldProblem, problems } from '../../problem.ts';

/** A larger jump is treated as a typing error. */
const MAX_JUMP = 1_000_000;

const tags = ['invoices'];

const SeriesName = z.string().max(100).default(DEFAULT_SERIES).openapi({
  description: 'A number series; that of a yearly series has the year after a slash: `pm/2026`.',
});

const SeriesSchema = z
  .object({
    series: z.string(),
    counters: z
      .array(z.object({ series: z.string(), last: z.int(), lastRecorded: z.int().nullable() }))
      .openapi({ description: 'All counters that have given a number.' }),
    last: z
      .int()
      .openapi({ description: 'The last number that the ledger assigned or skipped; 0 before the first.' }),
    lastRecorded: z
      .int()
      .nullable()
      .openapi({
        description:
          'The highest number that this gateway has recorded outside the database. If it is higher than last, the ledger ' +
          'was restored to an older state, and nothing is issued until the series is advanced to it.',
      }),
    leftOut: z.array(
      z.object({ after: z.int(), upTo: z.int(), actor: z.string(), reason: z.string(), at: TimestampOut }),
    ),
  })
  .openapi('InvoiceNumberSeries');

const Advance = z
  .strictObject({
    series: SeriesName,
    last: z.int().min(1).openapi({ description: 'The next invoice gets the number after this one.' }),
    reason: Reason,
  })
  .openapi('InvoiceNumberAdvance');

export function invoiceNumberRoutes(app: AdminApp, deps: Pick<AdminDeps, 'billing' | 'now'>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/invoice-numbers',
      operationId: 'getInvoiceNumbers',
      summary: 'Positions of the series of invoice numbers, in the ledger and outside of it',
      tags,
      ...anyRole(),
      request: { query: z.strictObject({ series: SeriesName }) },
      responses: { ...json(200, 'The series.', SeriesSchema), ...problems(404) },
    }),
    async (c) => c.json(await seriesJson(deps, c.req.valid('query').series), 200),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/invoice-numbers/advance',
      operationId: 'advanceInvoiceNumbers',
      summary: 'Skip numbers that were assigned before the ledger was restored; audited',
      tags,
      ...requires('finance'),
      request: { query: NO_QUERY, body: jsonBody(Advance) },
      responses: { ...json(200, 'The updated series.', SeriesSchema), ...problems(404, 409, 413, 415) },
    }),
    async (c) => {
      const { series, last, reason } = c.req.valid('json');
      const before = counterIn(await deps.billing.numbers(), series);
      if (last > Math.max(before.last, before.lastRecorded ?? 0) + MAX_JUMP) {
        throw fieldProblem(
          409,
          'last',
          `is more than ${MAX_JUMP} numbers ahead of ${before.last}`,
          'use the highest number that an invoice has',
        );
      }
      const { actor } = c.get('caller');
      const outcome = await deps.billing.advanceNumbers(series, last, reason, actor, deps.now());
      if (outcome.kind === 'not_ahead') {
        throw fieldProblem(
          409,
          'last',
          `is not ahead: the series is at ${outcome.last}`,
          'use a higher number',
          'number_not_ahead',
        );
      }
      return c.json(await seriesJson(deps, series), 200);
    },
  );
}

function counterIn(counters: readonly NumberCounter[], series: string): NumberCounter {
  const counter = counters.find((one) => one.series === series);
  if (counter !== undefined) return counter;
  throw fieldProblem(404, 'series', 'has given no number', 'see `counters` of GET /v1/invoice-numbers');
}

async function seriesJson({ billing }: Pick<AdminDeps, 'billing'>, series: string) {
  const all = await billing.numbers();
  const { last, lastRecorded, leftOut } = counterIn(all, series);
  return {
    ...{ series, last, lastRecorded },
    counters: all.map((one) => ({ series: one.series, last: one.last, lastRecorded: one.lastRecorded })),
    leftOut: leftOut.map(({ fromLast, toLast, actor, reason, at }) => ({
      ...{ after: fromLast, upTo: toLast, actor, reason },
      at: isoTimestamp(at.getTime()),
    })),
  };
}
