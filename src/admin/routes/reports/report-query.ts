/** The parameters of a report: their defaults, their bounds, and which of them a report reads. */

import { z } from '@hono/zod-openapi';
import { utcDateOf } from '../../../receivable/date.ts';
import type { ReportQuery } from '../../../report/finance/port.ts';
import type { Report, ReportParameter } from '../../../report/finance/report.ts';
import { FORMAT_QUERY } from '../../csv-response.ts';
import { ClientId, CurrencyCode, DateIn } from '../../fields.ts';
import { fieldProblem } from '../../problem.ts';

const MAX_YEARS = 5;
const DEFAULT_MONTHS = 12;

const date = (description: string) => DateIn.optional().openapi({ description });

export const reportQuery = z.strictObject({
  from: date(
    `First UTC date. Default: the first of the month, ${DEFAULT_MONTHS - 1} months before \`to\`. At most ${MAX_YEARS} years before it.`,
  ),
  to: date('Last UTC date. Default: today.'),
  asAt: date('UTC date after which nothing counts. Default: today.'),
  currency: CurrencyCode.optional(),
  seller: z.string().max(128).optional(),
  client: ClientId.optional(),
  ...FORMAT_QUERY,
});

type Asked = z.output<typeof reportQuery>;

/** The parameters behind the fields of a request. */
const PARAMETER_OF: Readonly<
  Record<'from' | 'to' | 'asAt' | 'currency' | 'seller' | 'client', ReportParameter>
> = {
  ...{ from: 'range', to: 'range', asAt: 'asAt' },
  ...{ currency: 'currency', seller: 'seller', client: 'client' },
};

/** Throws a problem for a parameter that the report does not read, and for a range that is empty or too long. */
export function reportQueryOf(asked: Asked, { parameters }: Report, nowMs: number): ReportQuery {
  for (const [field, parameter] of Object.entries(PARAMETER_OF)) {
    if (asked[field as keyof Asked] === undefined || parameters.includes(parameter)) continue;
    throw fieldProblem(400, field, 'is not a parameter of this report', 'omit it; see /v1/reports');
  }
  const today = utcDateOf(nowMs);
  const to = asked.to ?? today;
  const from = asked.from ?? monthsBefore(to, DEFAULT_MONTHS - 1);
  if (from > to) throw fieldProblem(400, 'from', 'is after `to`', `use ${to} or an earlier date`);
  const first = monthsBefore(to, MAX_YEARS * 12);
  if (from < first) {
    throw fieldProblem(
      400,
      'from',
      `is more than ${MAX_YEARS} years before \`to\``,
      `use ${first} or a later date`,
    );
  }
  const { currency, seller, client } = asked;
  return { from, to, asAt: asked.asAt ?? today, currency, sellerId: seller, clientId: client };
}

/** The first day of the month that is `months` before that of `date`. */
function monthsBefore(date: string, months: number): string {
  const at = new Date(date);
  return utcDateOf(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - months, 1));
}
