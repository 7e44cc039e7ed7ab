/** The audit log: who changed what, when and why. */

import type { AuditEntryJson } from '../../admin/routes/audit.ts';
import { api, hrefOf, type PageOf } from '../api.ts';
import type { ConsolePage } from '../context.ts';
import { problemPage } from '../failures.tsx';
import { page } from '../layout.tsx';
import { Difference } from '../parts/difference.tsx';
import { Filter, type FilterField, utcOf } from '../parts/filter.tsx';
import { Empty } from '../parts/notice.tsx';
import { type Column, DataTable, Pager } from '../parts/table.tsx';
import { Moment, None } from '../parts/value.tsx';

const PATH = '/v1/audit';

const COLUMNS: ReadonlyArray<Column<AuditEntryJson>> = [
  { head: 'Time (UTC)', field: 'at', cell: ({ at }) => <Moment at={at} seconds /> },
  { head: 'Actor', field: 'actor', cell: ({ actor }) => actor },
  { head: 'Action', field: 'action', cell: ({ action }) => <code>{action}</code> },
  { head: 'Subject', field: 'subject', cell: ({ subject }) => <Subject subject={subject} /> },
  { head: 'Change', cell: ({ before, after }) => <Difference before={before} after={after} /> },
  { head: 'Reason', cell: ({ reason }) => reason ?? <None /> },
];

const FIELDS: readonly FilterField[] = [
  { name: 'q', label: 'Words', type: 'search' },
  { name: 'actor', label: 'Actor' },
  { name: 'action', label: 'Action', placeholder: 'tariff.changed' },
  { name: 'under', label: 'Subject', placeholder: 'clients/acme' },
  { name: 'from', label: 'From (UTC)', type: 'datetime-local' },
  { name: 'to', label: 'Before (UTC)', type: 'datetime-local' },
];

export const auditPage: ConsolePage = {
  path: '/audit',
  nav: { label: 'Audit', group: 'System' },
  async get(c) {
    const { q, actor, action, under, from, to, cursor } = c.req.query();
    const filter = { q, actor, action, under, from: utcOf(from), to: utcOf(to) };
    const asked = { ...filter, cursor, limit: 50 };
    const found = await api(c).get<PageOf<AuditEntryJson>>(PATH, asked);
    if (!found.ok) return problemPage(c, found.problem);
    const { items, next } = found.value;
    return page(
      c,
      {
        title: 'Audit',
        live: ['audit'],
        aside: (
          <a class="button" href={hrefOf(PATH, { ...filter, format: 'csv' })}>
            CSV
          </a>
        ),
      },
      <>
        <Filter c={c} fields={FIELDS} />
        {items.length === 0 ? (
          <Empty title="No entries match">
            <p>Every change, sign-in and failed sign-in is an entry. Widen the filter to see more.</p>
          </Empty>
        ) : (
          <DataTable
            c={c}
            caption="Changes, newest first. Times are UTC."
            columns={COLUMNS}
            rows={items}
            keyOf={({ id }) => String(id)}
            api={hrefOf(PATH, asked)}
          />
        )}
        <Pager c={c} next={next} />
      </>,
    );
  },
};

/** A link to the page of a client; other subjects are text. */
function Subject({ subject }: { subject: string }) {
  const [kind, id, ...rest] = subject.split('/');
  if (kind !== 'clients' || id === undefined || rest.length > 2) return subject;
  return <a href={`/clients/${encodeURIComponent(id)}`}>{subject}</a>;
}
