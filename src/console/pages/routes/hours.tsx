/** One route by hour, with the reasons why responses could not be counted. */

import type { RouteHoursJson } from '../../../admin/routes/routes.ts';
import { api } from '../../api.ts';
import type { ConsolePage } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { utcOf } from '../../parts/filter.tsx';
import { Empty } from '../../parts/notice.tsx';
import { DataTable } from '../../parts/table.tsx';
import { Moment } from '../../parts/value.tsx';
import { Reasons, routeColumns } from './figures.tsx';

type Hour = RouteHoursJson['items'][number];

export const routeHoursPage: ConsolePage = {
  path: '/routes/hours',
  async get(c) {
    const { route = '', from, to } = c.req.query();
    // An empty name is that of responses without a route, which `get` would leave out.
    const path = `/v1/routes/hours?${new URLSearchParams({ route, ...range(from, to) })}`;
    const found = await api(c).get<RouteHoursJson>(path);
    if (!found.ok) return problemPage(c, found.problem);
    const { items } = found.value;
    return page(
      c,
      { title: route === '' ? 'Responses without a route' : route, live: ['usage'] },
      <>
        <p>
          <a href="/routes">All routes</a>
        </p>
        {items.length === 0 ? (
          <Empty title="No responses in these hours" />
        ) : (
          <DataTable
            c={c}
            caption="By hour; times are UTC"
            api={path}
            keyOf={({ at }: Hour) => at}
            rows={items}
            columns={[
              { head: 'Hour', field: 'at', cell: ({ at }) => <Moment at={at} /> },
              ...routeColumns<Hour>(),
              { head: 'Reasons', cell: (row) => <Reasons of={row} /> },
            ]}
          />
        )}
      </>,
    );
  },
};

function range(from: string | undefined, to: string | undefined): Record<string, string> {
  const [first, last] = [utcOf(from), utcOf(to)];
  return { ...(first !== undefined && { from: first }), ...(last !== undefined && { to: last }) };
}
