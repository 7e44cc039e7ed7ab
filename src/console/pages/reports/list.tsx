/** The list of financial reports. */

import type { ReportListJson } from '../../../admin/routes/reports/reports.ts';
import { api } from '../../api.ts';
import type { ConsolePage } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { DataTable } from '../../parts/table.tsx';

const PATH = '/v1/reports';

export const reportsPage: ConsolePage = {
  path: '/reports',
  nav: { label: 'Reports', group: 'Money' },
  async get(c) {
    const found = await api(c).get<ReportListJson>(PATH);
    if (!found.ok) return problemPage(c, found.problem);
    return page(
      c,
      { title: 'Reports' },
      <>
        <DataTable
          c={c}
          caption="Each report says how its figures are computed"
          api={PATH}
          columns={[
            {
              head: 'Report',
              field: 'title',
              cell: ({ name, title }) => <a href={`/reports/${name}`}>{title}</a>,
            },
            { head: 'Question', field: 'question', cell: ({ question }) => question },
          ]}
          rows={found.value.items}
        />
        <p>
          The statement of account of a client is on <a href="/clients">its page</a>.
        </p>
      </>,
    );
  },
};
