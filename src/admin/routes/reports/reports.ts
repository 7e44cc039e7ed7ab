/** Routes of financial reports: their list, and each as JSON or CSV. */

import { createRoute, z } from '@hono/zod-openapi';
import { csvLines } from '../../../report/csv.ts';
import type { FinanceBooks, ReportQuery } from '../../../report/finance/port.ts';
import { csvCellsOf, type Report, type ReportCells } from '../../../report/finance/report.ts';
import { REPORT_NAMES, REPORTS } from '../../../report/finance/reports.ts';
import { totalsOf } from '../../../report/finance/totals.ts';
import { anyRole } from '../../auth.ts';
import { json } from '../../content.ts';
import { CSV_CONTENT, csvResponse, wantsCsv } from '../../csv-response.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { DateOut, NO_QUERY } from '../../fields.ts';
import { fieldProblem, problems } from '../../problem.ts';
import { reportQuery, reportQueryOf } from './report-query.ts';

/** Maximum number of rows in JSON. CSV has no limit. */
const MAX_ROWS = 20_000;

const ReportName = z.enum(REPORT_NAMES);
const about = {
  name: ReportName,
  title: z.string(),
  question: z.string().openapi({ description: 'The question that the report answers.' }),
  formula: z.array(z.string()).openapi({ description: 'How each figure is computed.' }),
};

const ReportListSchema = z
  .object({
    items: z.array(
      z.object({
        ...about,
        parameters: z
          .array(z.enum(['range', 'asAt', 'currency', 'seller', 'client']))
          .openapi({ description: 'The parameters that it reads; range: `from` and `to`.' }),
      }),
    ),
  })
  .openapi('ReportList');

const Cells = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));

export const ReportSchema = z
  .object({
    ...about,
    from: DateOut.openapi({ description: 'The first UTC date.' }),
    to: DateOut.openapi({ description: 'The last UTC date.' }),
    asAt: DateOut.openapi({ description: 'What happened after this UTC date does not count.' }),
    columns: z.array(
      z.object({
        name: z.string(),
        label: z.string(),
        isSummed: z.boolean(),
        kind: z
          .enum(['text', 'client', 'seller', 'document', 'month', 'date', 'amount', 'count', 'decimal'])
          .openapi({
            description: 'amount: decimal text in the `currency` of the row. decimal: other decimal text.',
          }),
      }),
    ),
    rows: z.array(Cells).openapi({ description: 'Each row has a value for each column, by its name.' }),
    totals: z.array(Cells).openapi({
      description:
        'Sums of the rows for the columns that can be summed, by `currency` if there is that column.',
    }),
    chart: z
      .object({ isByMonth: z.boolean(), values: z.array(z.string()) })
      .nullable()
      .openapi({ description: 'What is worth drawing: the figure by `month`, or figures of `totals`.' }),
  })
  .openapi('Report');

export type ReportListJson = z.infer<typeof ReportListSchema>;
export type ReportJson = z.infer<typeof ReportSchema>;

export function reportRoutes(app: AdminApp, deps: Pick<AdminDeps, 'finance' | 'now'>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/reports',
      operationId: 'listReports',
      summary: 'The financial reports, with their parameters and formulas',
      tags: ['reports'],
      ...anyRole(),
      request: { query: NO_QUERY },
      responses: { ...json(200, 'The reports.', ReportListSchema), ...problems() },
    }),
    (c) =>
      c.json(
        {
          items: REPORT_NAMES.map((name) => ({
            ...aboutOf(name),
            parameters: [...REPORTS[name].parameters],
          })),
        },
        200,
      ),
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/reports/{report}',
      operationId: 'getReport',
      summary: 'A financial report as JSON or CSV',
      description: `JSON has at most ${MAX_ROWS} rows; CSV has no limit. The statement of account of a client is at /v1/clients/{clientId}/statement.`,
      tags: ['reports'],
      ...anyRole(),
      request: { params: z.object({ report: ReportName }), query: reportQuery },
      responses: {
        200: {
          description: 'The report.',
          content: { 'application/json': { schema: ReportSchema }, ...CSV_CONTENT },
        },
        ...problems(),
      },
    }),
    async (c) => {
      const { report: name } = c.req.valid('param');
      const asked = c.req.valid('query');
      const report = REPORTS[name];
      const query = reportQueryOf(asked, report, deps.now());
      if (wantsCsv(c, asked)) return csvResponse(name, reportCsv(deps.finance, report, query), asked);
      const { from, to, asAt } = query;
      const columns = report.columns.map((column) => ({ ...column }));
      const rows = await allRows(deps.finance, report, query);
      const totals = totalsOf(report.columns, rows);
      const chart = report.chart === null ? null : { ...report.chart, values: [...report.chart.values] };
      return c.json({ ...aboutOf(name), from, to, asAt, columns, rows, totals, chart }, 200);
    },
  );
}

function aboutOf(name: (typeof REPORT_NAMES)[number]) {
  const { title, question, formula } = REPORTS[name];
  return { name, title, question, formula: [...formula] };
}

async function allRows(books: FinanceBooks, report: Report, query: ReportQuery): Promise<ReportCells[]> {
  const rows: ReportCells[] = [];
  for await (const part of report.rows(books, query)) {
    rows.push(...part);
    if (rows.length > MAX_ROWS) {
      const field = report.parameters.includes('range') ? 'from' : 'client';
      throw fieldProblem(
        400,
        field,
        `selects more than ${MAX_ROWS} rows`,
        'choose a shorter range or one client, or use format=csv',
      );
    }
  }
  return rows;
}

async function* reportCsv(books: FinanceBooks, report: Report, query: ReportQuery): AsyncGenerator<string> {
  yield csvLines([report.columns.map(({ name }) => name)]);
  for await (const part of report.rows(books, query)) {
    yield csvLines(part.map((row) => csvCellsOf(report.columns, row)));
  }
}
