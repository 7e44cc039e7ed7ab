/** One financial report: its form, its chart, its totals and its rows. */

import type { Child } from 'hono/jsx';
import type { ReportJson, ReportListJson } from '../../../admin/routes/reports/reports.ts';
import { barSeriesOf } from '../../../report/finance/chart.ts';
import type { ReportCells } from '../../../report/finance/report.ts';
import { api, hrefOf } from '../../api.ts';
import type { ConsolePage, PageContext } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Panel } from '../../parts/figure.tsx';
import { Filter, type FilterField } from '../../parts/filter.tsx';
import { Empty, ProblemNotice } from '../../parts/notice.tsx';
import { Bars } from '../../parts/reports/bars.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { Count, grouped, None } from '../../parts/value.tsx';

/** Rows on the page. CSV has all of them. */
const MAX_ROWS = 200;

type Parameter = ReportListJson['items'][number]['parameters'][number];
type ReportColumnJson = ReportJson['columns'][number];

const FIELDS: Readonly<Record<Parameter, readonly FilterField[]>> = {
  range: [
    { name: 'from', label: 'From (UTC)', type: 'date' },
    { name: 'to', label: 'To (UTC)', type: 'date' },
  ],
  asAt: [{ name: 'asAt', label: 'As at (UTC)', type: 'date' }],
  currency: [{ name: 'currency', label: 'Currency', placeholder: 'USD' }],
  seller: [{ name: 'seller', label: 'Seller', placeholder: 'default' }],
  client: [{ name: 'client', label: 'Client', placeholder: 'acme' }],
};

export const reportPage: ConsolePage = {
  path: '/reports/:name',
  async get(c) {
    const name = c.req.param('name') ?? '';
    const listed = await api(c).get<ReportListJson>('/v1/reports');
    if (!listed.ok) return problemPage(c, listed.problem);
    const about = listed.value.items.find((one) => one.name === name);
    if (about === undefined) return c.notFound();
    const fields = about.parameters.flatMap((parameter) => FIELDS[parameter]);
    const asked = c.req.query();
    const query = Object.fromEntries(fields.map((field) => [field.name, asked[field.name]]));
    const path = hrefOf(`/v1/reports/${name}`, query);
    const found = await api(c).get<ReportJson>(path);
    const csv = hrefOf(`/v1/reports/${name}`, { ...query, format: 'csv' });
    return page(
      c,
      {
        title: about.title,
        aside: (
          <>
            <a href="/reports">All reports</a>
            {found.ok ? (
              <a class="button" href={csv} download="">
                CSV
              </a>
            ) : null}
          </>
        ),
        ...(found.ok ? {} : { status: found.problem.status }),
      },
      <>
        <p>{about.question}</p>
        <Filter c={c} fields={fields} />
        {found.ok ? (
          <Body c={c} report={found.value} parameters={about.parameters} path={path} />
        ) : (
          <ProblemNotice problem={found.problem} />
        )}
        <Formula sentences={about.formula} />
      </>,
    );
  },
};

function Body(props: { c: PageContext; report: ReportJson; parameters: readonly Parameter[]; path: string }) {
  const { c, report, parameters, path } = props;
  const { columns, rows, totals, chart } = report;
  const scope = scopeOf(report, parameters);
  if (rows.length === 0) {
    return (
      <Empty title="Nothing to report">
        <p>There are no figures {scope}. Choose other dates, or fewer filters.</p>
      </Empty>
    );
  }
  const series = chart === null ? [] : barSeriesOf(chart, columns, rows, totals);
  const drawn = columns.find(({ name }) => name === chart?.values[0]);
  const totalColumns = columns.filter(({ name, isSummed }) => isSummed || name === 'currency');
  const shown = rows.slice(0, MAX_ROWS);
  const isCut = rows.length > MAX_ROWS;
  const all = `${grouped(String(rows.length))} ${rows.length === 1 ? 'row' : 'rows'}`;
  return (
    <>
      <div class="columns">
        {series.map(({ currency, bars }) => (
          <Panel title={currency ?? 'All clients'}>
            <Bars
              bars={bars}
              what={chart?.isByMonth ? `${drawn?.label} by month` : 'Open by age'}
              unit={drawn?.kind === 'amount' ? (currency ?? '') : ''}
            />
          </Panel>
        ))}
      </div>
      {totals.length === 0 ? null : (
        <Panel title="Totals">
          <DataTable
            c={c}
            caption={`Sums of all rows ${scope}`}
            columns={totalColumns.map(cellColumn)}
            rows={totals}
          />
        </Panel>
      )}
      <div class="report">
        <Panel title="Rows">
          <DataTable
            c={c}
            caption={isCut ? `The first ${MAX_ROWS} of ${all} ${scope}; CSV has all` : `${all} ${scope}`}
            api={path}
            columns={columns.filter(({ name }) => name !== 'clientName').map(cellColumn)}
            rows={shown}
          />
        </Panel>
      </div>
    </>
  );
}

/** What the parameters of the report come to, as in "from 2026-01-01 to 2026-03-31, as at 2026-04-01". */
function scopeOf({ from, to, asAt }: ReportJson, parameters: readonly Parameter[]): string {
  return [
    ...(parameters.includes('range') ? [`from ${from} to ${to}`] : []),
    ...(parameters.includes('asAt') ? [`as at ${asAt}`] : []),
  ].join(', ');
}

function cellColumn(column: ReportColumnJson): Column<ReportCells> {
  const { name, label, kind } = column;
  const isFigure = kind === 'amount' || kind === 'count' || kind === 'decimal';
  return { head: label, isFigure, cell: (row) => cellOf(column, row[name] ?? null, row) };
}

/** The name of a client is below its id. */
function cellOf({ kind }: ReportColumnJson, value: string | number | null, row: ReportCells): Child {
  if (value === null) return <None />;
  if (kind === 'count') return <Count value={value} />;
  if (kind === 'client') {
    return (
      <>
        <a href={`/clients/${encodeURIComponent(value)}`}>{value}</a>
        <br />
        <small>
          <bdi>{row.clientName}</bdi>
        </small>
      </>
    );
  }
  if (kind === 'document') return <a href={hrefOf('/invoices', { q: value })}>{value}</a>;
  if (kind === 'amount' || kind === 'decimal') {
    return (
      <data class="money" value={String(value)}>
        {grouped(String(value))}
      </data>
    );
  }
  return kind === 'date' ? <time datetime={String(value)}>{value}</time> : <bdi>{value}</bdi>;
}

function Formula({ sentences }: { sentences: readonly string[] }) {
  return (
    <Panel title="How the figures are computed">
      <ul class="reasons">
        {sentences.map((sentence) => (
          <li>{sentence}</li>
        ))}
      </ul>
    </Panel>
  );
}
