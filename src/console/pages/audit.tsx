/** The audit log: who changed what, when and why. */

import type { AuditEntryJson } from '../../admin/routes/audit.ts';
import { api, type PageOf } from '../api.ts';
import type { ConsolePage } from '../context.ts';
import { problemPage } from '../failures.tsx';
import { page } from '../layout.tsx';
import { Filter } from '../parts/filter.tsx';
import { Empty } from '../parts/notice.tsx';
import { type Column, DataTable, Pager } from '../parts/table.tsx';
import { Moment } from '../parts/value.tsx';

const PATH = '/v1/audit';

const COLUMNS: ReadonlyArray<Column<AuditEntryJson>> = [
  { head: 'Time (UTC)', field: 'at', cell: ({ at }) => <Moment at={at} seconds /> },
  { head: 'Actor', field: 'actor', cell: ({ actor }) => actor },
  { head: 'Action', field: 'action', cell: ({ action }) => <code>{action}</code> },
  { head: 'Subject', field: 'subject', cell: ({ subject }) => subject },
  { head: 'Reason', field: 'reason', cell: ({ reason }) => reason },
];

export const auditPage: ConsolePage = {
  path: '/audit',
  nav: { label: 'Audit', group: 'System' },
  async get(c) {
    const { subject, cursor } = c.req.query();
    const found = await api(c).get<PageOf<AuditEntryJson>>(PATH, { subject, cursor, limit: 50 });
    if (!found.ok) return problemPage(c, found.problem);
    const { items, next } = found.value;
    return page(
      c,
      { title: 'Audit', live: ['audit'] },
      <>
        <Filter c={c} fields={[{ name: 'subject', label: 'Subject', placeholder: 'clients/acme' }]} />
        {items.length === 0 ? (
          <Empty title="No entries" />
        ) : (
          <DataTable c={c} caption="Changes, newest first" columns={COLUMNS} rows={items} />
        )}
        <Pager c={c} next={next} />
      </>,
    );
  },
};
