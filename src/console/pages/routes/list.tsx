/** Whether counting works: what each route counted, what it could not count, and the paths that no route matches. */

import type { RouteJson, RoutesJson } from '../../../admin/routes/routes.ts';
import { nounOf } from '../../../report/counted.ts';
import { api } from '../../api.ts';
import type { ConsolePage } from '../../context.ts';
import { mayAct } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Figure, Figures, Panel } from '../../parts/figure.tsx';
import { Filter, utcOf } from '../../parts/filter.tsx';
import { Empty } from '../../parts/notice.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { Count, Moment } from '../../parts/value.tsx';
import { Reasons, routeColumns } from './figures.tsx';

const PATH = '/v1/routes';

const RANGE_FIELDS = [
  { name: 'from', label: 'From (UTC)', type: 'datetime-local' },
  { name: 'to', label: 'To (UTC)', type: 'datetime-local' },
] as const;

const PATHS: ReadonlyArray<Column<RoutesJson['unmatched']['paths'][number]>> = [
  { head: 'Path', field: 'path', cell: ({ path }) => <code>{path}</code> },
  { head: 'Responses', field: 'responses', isFigure: true, cell: (row) => <Count value={row.responses} /> },
  { head: 'Bytes', field: 'bytes', isFigure: true, cell: (row) => <Count value={row.bytes} /> },
];

export const routesPage: ConsolePage = {
  path: '/routes',
  nav: { label: 'Routes', group: 'Metering' },
  async get(c) {
    const { from, to } = c.req.query();
    const found = await api(c).get<RoutesJson>(PATH, { from: utcOf(from), to: utcOf(to) });
    if (!found.ok) return problemPage(c, found.problem);
    const { items, unmatched, from: first, to: last, since } = found.value;
    const hours = new URLSearchParams({ from: first, to: last }).toString();
    const aside = mayAct(c, 'operator') ? (
      <a class="button" href="/routes/probe">
        Probe a path
      </a>
    ) : undefined;
    return page(
      c,
      { title: 'Routes', aside, live: ['usage'] },
      <>
        <Filter c={c} fields={RANGE_FIELDS} />
        <Totals items={items} unmatched={unmatched.responses} />
        {items.length === 0 ? (
          <Empty title="No routes">
            <p>
              The configuration has none: <code>postmeter probe URL</code> proposes some.
            </p>
          </Empty>
        ) : (
          <DataTable
            c={c}
            caption={`Whole hours from ${shown(first)} to ${shown(last)} UTC${since === null ? '' : `; figures since ${shown(since)}`}`}
            api={PATH}
            keyOf={({ route }) => route}
            rows={items}
            columns={[
              { head: 'Route', field: 'route', cell: (row) => <RouteName row={row} range={hours} /> },
              ...routeColumns<RouteJson>(),
              { head: 'Last seen (UTC)', field: 'lastSeenAt', cell: (row) => <Moment at={row.lastSeenAt} /> },
            ]}
          />
        )}
        <Panel title="Paths that no route matches">
          <p>
            <Count value={unmatched.responses} api={`${PATH}#/unmatched/responses`} />{' '}
            {nounOf(unmatched.responses, 'response')} matched no route
            {unmatched.posts === 0 ? null : (
              <>
                ; the platform declared <Count value={unmatched.posts} /> posts in them
              </>
            )}
            . Ids in paths are replaced; images, styles and scripts are left out.
          </p>
          {unmatched.paths.length === 0 ? null : (
            <DataTable c={c} caption="The most frequent paths" columns={PATHS} rows={unmatched.paths} />
          )}
        </Panel>
      </>,
    );
  },
};

function Totals({ items, unmatched }: { items: readonly RouteJson[]; unmatched: number }) {
  const sum = (of: (row: RouteJson) => number) => items.reduce((total, row) => total + of(row), 0);
  const uncounted = sum((row) => row.uncounted.reduce((total, { responses }) => total + responses, 0));
  const checked = sum((row) => row.checked);
  return (
    <Figures label="All routes together">
      <Figure label="Posts counted">
        <Count value={sum((row) => row.posts)} />
      </Figure>
      <Figure label="Responses">
        <Count value={sum((row) => row.responses)} />
      </Figure>
      <Figure label="Uncounted">
        <Count value={uncounted} />
      </Figure>
      <Figure label="Second counts that differed" note={`of ${checked}`}>
        <Count value={sum((row) => row.differs)} />
      </Figure>
      <Figure label="Without a route">
        <Count value={unmatched} />
      </Figure>
    </Figures>
  );
}

function RouteName({ row, range }: { row: RouteJson; range: string }) {
  return (
    <>
      <a href={`/routes/hours?route=${encodeURIComponent(row.route)}&${range}`}>
        <code>{row.route}</code>
      </a>{' '}
      {row.isConfigured ? null : <Badge tone="quiet">not configured now</Badge>}
      {row.differs > 0 ? <Badge tone="bad">counts differ</Badge> : null}
      <Reasons of={row} />
    </>
  );
}

function shown(at: string): string {
  return at.slice(0, 16).replace('T', ' ');
}
