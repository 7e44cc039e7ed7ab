/** Routes of the series of invoice numbers: its position, and advancing it after a restore. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { anyRole, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { NO_QUERY, Reason, TimestampOut } from '../../fields.ts';
import { fieldProblem, problems } from '../../problem.ts';

/** A larger jump is treated as a typing error. */
const MAX_JUMP = 1_000_000;

const tags = ['invoices'];

const SeriesSchema = z
  .object({
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
      summary: 'Position of the series of invoice numbers, in the ledger and outside of it',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY },
      responses: { ...json(200, 'The series.', SeriesSchema), ...problems() },
    }),
    async (c) => c.json(await seriesJson(deps), 200),
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
      responses: { ...json(200, 'The updated series.', SeriesSchema), ...problems(409, 413, 415) },
    }),
    async (c) => {
      const { last, reason } = c.req.valid('json');
      const before = await deps.billing.numbers();
      if (last > Math.max(before.last, before.lastRecorded ?? 0) + MAX_JUMP) {
        throw fieldProblem(
          409,
          'last',
          `is more than ${MAX_JUMP} numbers ahead of ${before.last}`,
          'use the highest number that an invoice has',
        );
      }
      const outcome = await deps.billing.advanceNumbers(last, reason, c.get('caller').actor, deps.now());
      if (outcome.kind === 'not_ahead') {
        throw fieldProblem(
          409,
          'last',
          `is not ahead: the series is at ${outcome.last}`,
          'use a higher number',
          'number_not_ahead',
        );
      }
      return c.json(await seriesJson(deps), 200);
    },
  );
}

async function seriesJson({ billing }: Pick<AdminDeps, 'billing'>) {
  const { last, lastRecorded, leftOut } = await billing.numbers();
  return {
    last,
    lastRecorded,
    leftOut: leftOut.map(({ fromLast, toLast, actor, reason, at }) => ({
      ...{ after: fromLast, upTo: toLast, actor, reason },
      at: isoTimestamp(at.getTime()),
    })),
  };
}
