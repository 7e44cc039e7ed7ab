/** The list of invoices: what is to be done, what it comes to, and the choice of those to approve or issue. */

import type { ListedInvoice } from '../../../admin/routes/invoices/invoice-schemas.ts';
import type { InvoiceSumsJson } from '../../../admin/routes/invoices/invoices.ts';
import { counted } from '../../../report/counted.ts';
import { api, type PageOf } from '../../api.ts';
import { type ConsolePage, hrefWith, mayAct, type PageContext } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import { Figure, Figures } from '../../parts/figure.tsx';
import { Filter, type FilterField, utcOf } from '../../parts/filter.tsx';
import { FRESH, PostForm, Submit } from '../../parts/form.tsx';
import {
  InvoiceAmount,
  InvoiceStanding,
  invoiceName,
  KIND_OPTIONS,
  LABEL_NAMES,
  STATE_NAMES,
} from '../../parts/invoice-state.tsx';
import { Empty } from '../../parts/notice.tsx';
import { type Column, DataTable, Pager } from '../../parts/table.tsx';
import { Count, Moment, Money, None } from '../../parts/value.tsx';

const PATH = '/v1/invoices';
const BULK_FORM = 'bulk';

const FIELDS: readonly FilterField[] = [
  { name: 'q', label: 'Number or client', type: 'search' },
  { name: 'currency', label: 'Currency', placeholder: 'USD' },
  { name: 'kind', label: 'Kind', options: [['', 'all'], ...KIND_OPTIONS] },
  { name: 'issuedFrom', label: 'Issued from (UTC)', type: 'date' },
  { name: 'issuedTo', label: 'Issued before (UTC)', type: 'date' },
  { name: 'amountFrom', label: 'Amount from', placeholder: '15000.00' },
  { name: 'amountTo', label: 'Amount to' },
  { name: 'dueFrom', label: 'Due from', type: 'date' },
  { name: 'dueTo', label: 'Due until', type: 'date' },
];

const COLUMNS: ReadonlyArray<Column<ListedInvoice>> = [
  {
    head: 'Number',
    sort: 'number',
    cell: (row) => <a href={`/invoices/${row.id}`}>{invoiceName(row)}</a>,
  },
  {
    ...{ head: 'Client', field: 'clientId' },
    cell: ({ clientId, legalName }) => (
      <>
        <a href={`/clients/${encodeURIComponent(clientId)}`}>{clientId}</a>
        {legalName === null ? null : <small> {legalName}</small>}
      </>
    ),
  },
  {
    head: 'Period (UTC)',
    cell: ({ month, from, to }) =>
      month ??
      (from === null ? (
        <None />
      ) : (
        <>
          <Moment at={from} /> to <Moment at={to} />
        </>
      )),
  },
  { head: 'Posts', field: 'posts', isFigure: true, cell: ({ posts }) => <Count value={posts} /> },
  {
    head: 'Amount',
    field: 'amount',
    sort: 'amount',
    isFigure: true,
    cell: (row) => <InvoiceAmount of={row} />,
  },
  {
    head: 'Open',
    field: 'balance',
    sort: 'open',
    isFigure: true,
    cell: ({ balance, currency }) =>
      balance === null ? <None /> : <Money amount={balance} currency={currency} />,
  },
  { head: 'Due', field: 'dueOn', sort: 'due', cell: ({ dueOn }) => dueOn ?? <None /> },
  {
    head: 'Issued (UTC)',
    field: 'issuedAt',
    sort: 'issued',
    cell: ({ issuedAt }) => <Moment at={issuedAt} />,
  },
  {
    head: 'State',
    cell: (row) => (
      <>
        <InvoiceStanding of={row} />
        {row.state === 'growing' && row.closesAt !== null ? (
          <small>
            {' '}
            closes <Moment at={row.closesAt} />
          </small>
        ) : null}
      </>
    ),
  },
];

export const invoicesPage: ConsolePage = {
  path: '/invoices',
  nav: { label: 'Invoices', group: 'Money' },
  async get(c) {
    const query = c.req.query();
    const { q, currency, kind, client, state, label, amountFrom, amountTo, dueFrom, dueTo } = query;
    const filter = {
      ...{ q, currency, kind, client, amountFrom, amountTo, dueFrom, dueTo },
      ...{ issuedFrom: utcOf(query.issuedFrom), issuedTo: utcOf(query.issuedTo) },
    };
    const shown = { state, label, sort: query.sort };
    const [list, sums] = await Promise.all([
      api(c).get<PageOf<ListedInvoice>>(PATH, {
        ...filter,
        ...shown,
        cursor: query.cursor,
        limit: query.limit ?? 50,
      }),
      api(c).get<InvoiceSumsJson>(`${PATH}/sums`, filter),
    ]);
    if (!list.ok) return problemPage(c, list.problem);
    const { items, next } = list.value;
    const action = bulkAction(c, state);
    return page(
      c,
      { title: 'Invoices', live: ['invoices'], aside: <Downloads query={{ ...filter, ...shown }} /> },
      <>
        {sums.ok ? <Tabs c={c} sums={sums.value} /> : null}
        <Filter c={c} fields={FIELDS} />
        {sums.ok && !label ? <Sums sums={sums.value.items} state={state} /> : null}
        {sums.ok ? <AgeingTable c={c} ageing={sums.value.ageing} /> : null}
        {items.length === 0 ? (
          <Nothing state={state} label={label} />
        ) : (
          <DataTable
            c={c}
            caption="Times are UTC"
            columns={COLUMNS}
            rows={items}
            defaultSort="-created"
            keyOf={({ id }) => id}
            api={PATH}
            {...(action !== null && {
              select: { form: BULK_FORM, name: 'id', value: ({ id }: ListedInvoice) => id },
            })}
          />
        )}
        {action === null || items.length === 0 ? null : (
          <PostForm state={FRESH} id={BULK_FORM} action={`/invoices/${action}`} class="form inline">
            <Submit tone="primary">{action === 'approve' ? 'Approve selected…' : 'Issue selected…'}</Submit>
            <p class="hint">The next page shows each one with its amount and what is in its way.</p>
          </PostForm>
        )}
        <Pager c={c} next={next} />
      </>,
    );
  },
};

/** The action of the tab, for those who may take it. */
function bulkAction(c: PageContext, state: string | undefined): 'approve' | 'issue' | null {
  if (!mayAct(c, 'finance')) return null;
  return state === 'to_approve' ? 'approve' : state === 'to_issue' ? 'issue' : null;
}

function Tabs({ c, sums }: { c: PageContext; sums: InvoiceSumsJson }) {
  const { state, label } = c.req.query();
  const total = (parts: readonly { readonly invoices: number }[]) =>
    parts.reduce((all, { invoices }) => all + invoices, 0);
  const tab = (text: string, count: number, shown: { state?: string; label?: string }) => (
    <a
      href={hrefWith(c, { state: shown.state, label: shown.label })}
      aria-current={
        (state || undefined) === shown.state && (label || undefined) === shown.label ? 'page' : undefined
      }
    >
      {text} <Count value={count} />
    </a>
  );
  return (
    <nav class="tabs" aria-label="States">
      {tab('All', total(sums.items), {})}
      {[...STATE_NAMES].map(([name, text]) =>
        tab(text, total(sums.items.filter((sum) => sum.state === name)), { state: name }),
      )}
      {[...LABEL_NAMES].map(([name, text]) =>
        tab(text, total(sums.receivables.filter((sum) => sum.label === name)), { label: name }),
      )}
    </nav>
  );
}

const AGES = [
  ['not_due', 'Not due'],
  ['days_1_30', '1 to 30 days'],
  ['days_31_60', '31 to 60'],
  ['days_61_90', '61 to 90'],
  ['over_90', 'Over 90'],
  ['disputed', 'Disputed'],
  ['total', 'Open'],
] as const;

function AgeingTable({ c, ageing }: { c: PageContext; ageing: InvoiceSumsJson['ageing'] }) {
  if (ageing.length === 0) return null;
  type Row = Readonly<Record<string, string>>;
  return (
    <DataTable
      c={c}
      caption="What is open, by days since the due date; disputed amounts are apart"
      rows={ageing as readonly Row[]}
      columns={[
        { head: 'Currency', cell: ({ currency }) => currency },
        ...AGES.map(
          ([name, head]): Column<Row> => ({
            ...{ head, isFigure: true },
            cell: (row) => <Money amount={row[name]!} currency={row.currency!} />,
          }),
        ),
      ]}
    />
  );
}

function Sums({ sums, state }: { sums: InvoiceSumsJson['items']; state: string | undefined }) {
  const order = [...STATE_NAMES.keys()];
  const shown = sums.filter((sum) =>
    state ? sum.state === state : sum.state !== 'void' && sum.state !== 'rejected',
  );
  if (shown.length === 0) return null;
  shown.sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  return (
    <Figures label="Sums of what is shown">
      {shown.map((sum) => (
        <Figure
          label={`${STATE_NAMES.get(sum.state)}, ${sum.currency}`}
          note={`${counted(sum.invoices, 'invoice')}${sum.state === 'growing' ? ', so far' : ''}`}
        >
          <Money
            amount={sum.amount}
            currency={sum.currency}
            api={`${PATH}/sums#/items/${sums.indexOf(sum)}/amount`}
          />
        </Figure>
      ))}
    </Figures>
  );
}

function Downloads({ query }: { query: Readonly<Record<string, string | undefined>> }) {
  const given = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const href = (more: Record<string, string>) =>
    `${PATH}?${new URLSearchParams([...given, ...Object.entries(more)])}`;
  return (
    <>
      <a class="button" href={href({ format: 'csv' })}>
        CSV
      </a>
      <a class="button" href={href({ format: 'csv', rows: 'lines' })}>
        CSV of lines
      </a>
    </>
  );
}

function Nothing({ state, label }: { state: string | undefined; label: string | undefined }) {
  if (label) return <Empty title="No invoice has this label" />;
  if (state === 'to_approve') return <Empty title="Nothing waits for an approval" />;
  if (state === 'to_issue') return <Empty title="Nothing waits to be issued" />;
  return (
    <Empty title="No invoices">
      <p>
        A draft appears when a client exceeds its threshold, or when a month of a licence has posts beyond it.
      </p>
    </Empty>
  );
}
