/** The inbox: what waits for the person, by kind, each with its one action. */

import type { InboxJson } from '../../admin/routes/inbox/inbox.ts';
import { counted } from '../../report/counted.ts';
import { api, hrefOf } from '../api.ts';
import type { ConsolePage, PageContext } from '../context.ts';
import { problemPage } from '../failures.tsx';
import { page } from '../layout.tsx';
import { Panel } from '../parts/figure.tsx';
import { INBOX_NAMES } from '../parts/inbox.tsx';
import { Empty } from '../parts/notice.tsx';
import { type Column, DataTable } from '../parts/table.tsx';
import { Moment, Money, None } from '../parts/value.tsx';

type Item = InboxJson['items'][number];

export const inboxPage: ConsolePage = {
  path: '/inbox',
  nav: { label: 'Inbox', group: 'Money' },
  async get(c) {
    const isAll = c.req.query('all') === 'true';
    const found = await api(c).get<InboxJson>(hrefOf('/v1/inbox', { all: isAll ? 'true' : undefined }));
    if (!found.ok) return problemPage(c, found.problem);
    const { items, counts } = found.value;
    return page(
      c,
      { title: 'Inbox', live: ['invoices', 'holds'], aside: <Summary items={items} /> },
      <>
        <nav class="tabs" aria-label="Whose inbox">
          <a href="/inbox" aria-current={isAll ? undefined : 'page'}>
            Mine
          </a>
          <a href="/inbox?all=true" aria-current={isAll ? 'page' : undefined}>
            All
          </a>
        </nav>
        {items.length === 0 ? (
          <Empty title="Nothing waits">
            <p>{isAll ? 'No role has anything to act on.' : 'Your roles have nothing to act on.'}</p>
          </Empty>
        ) : (
          counts.map(({ kind }) => (
            <KindPanel c={c} kind={kind} items={items.filter((item) => item.kind === kind)} isAll={isAll} />
          ))
        )}
      </>,
    );
  },
};

function Summary({ items }: { items: readonly Item[] }) {
  if (items.length === 0) return null;
  const oldest = items.map(({ since }) => since).reduce((a, b) => (a < b ? a : b));
  return (
    <span class="hint">
      {counted(items.length, 'item waits', 'items wait')}, the oldest since <Moment at={oldest} /> UTC
    </span>
  );
}

function KindPanel(props: { c: PageContext; kind: Item['kind']; items: readonly Item[]; isAll: boolean }) {
  const { c, kind, items, isAll } = props;
  return (
    <Panel title={`${INBOX_NAMES[kind]} (${items.length})`} id={kind}>
      <DataTable
        c={c}
        caption={`${INBOX_NAMES[kind]}, the oldest first. Times are UTC`}
        columns={isAll ? [...COLUMNS, ROLES] : COLUMNS}
        rows={items}
      />
    </Panel>
  );
}

const COLUMNS: ReadonlyArray<Column<Item>> = [
  { head: 'What', cell: ({ title }) => <bdi>{title}</bdi> },
  {
    head: 'Action',
    cell: ({ action, title }) => (
      <a href={action.href} aria-label={`${action.name}: ${title}`}>
        {action.name}
      </a>
    ),
  },
  { head: 'Since', cell: ({ since }) => <Moment at={since} /> },
  {
    head: 'Amount',
    isFigure: true,
    cell: ({ amount, currency }) =>
      amount === null || currency === null ? <None /> : <Money amount={amount} currency={currency} />,
  },
  { head: 'Why', cell: ({ why }) => <span class="sentence">{why}</span> },
];

const ROLES: Column<Item> = { head: 'For', cell: ({ roles }) => roles.join(' or ') };
