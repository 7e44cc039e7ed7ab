/** The parts of a client's page that only show: breaches, invoices, the tariff over time, usage by day, audit. */

import type { Child } from 'hono/jsx';
import type { ListedInvoice } from '../../../admin/routes/invoices/invoice-schemas.ts';
import type { Answer, PageOf } from '../../api.ts';
import { mayAct, type PageContext } from '../../context.ts';
import { Badge } from '../../parts/badge.tsx';
import { Figure, Figures, Panel } from '../../parts/figure.tsx';
import { InvoiceAmount, InvoiceStanding, invoiceName } from '../../parts/invoice-state.tsx';
import { Empty, ProblemNotice, type Tone } from '../../parts/notice.tsx';
import { type Column, DataTable } from '../../parts/table.tsx';
import { Timeline } from '../../parts/timeline.tsx';
import { Count, Moment, Money, None } from '../../parts/value.tsx';
import type { BreachJson, ClientData, SeriesJson, VersionJson } from './data.ts';

interface Props {
  readonly c: PageContext;
  readonly data: ClientData;
}

/** A list in a panel: its table, why it is empty, or what is wrong. */
export function ListPanel<Row>(
  props: Props & {
    title: string;
    empty: string;
    caption: string;
    api: string;
    answer: Answer<PageOf<Row>>;
    columns: ReadonlyArray<Column<Row>>;
    keyOf?: (row: Row) => string;
    aside?: Child;
    children?: Child;
  },
) {
  const { c, title, empty, caption, api, answer, columns, keyOf = () => '', aside, children } = props;
  const keys = props.keyOf === undefined ? {} : { keyOf };
  return (
    <Panel title={title} aside={aside}>
      {!answer.ok ? (
        <ProblemNotice problem={answer.problem} hasFocus={false} />
      ) : answer.value.items.length === 0 ? (
        <Empty title={empty} />
      ) : (
        <DataTable c={c} caption={caption} api={api} columns={columns} rows={answer.value.items} {...keys} />
      )}
      {children}
    </Panel>
  );
}

const STATE_TONES: Readonly<Record<BreachJson['state'], Tone>> = {
  ...{ open: 'bad', settling: 'warn', closed: 'quiet', void: 'quiet' },
};

const BREACH_COLUMNS: ReadonlyArray<Column<BreachJson>> = [
  { head: 'From (UTC)', field: 'from', cell: ({ from }) => <Moment at={from} /> },
  { head: 'To', field: 'to', cell: ({ to }) => <Moment at={to} /> },
  { head: 'State', cell: ({ state }) => <Badge tone={STATE_TONES[state]}>{state}</Badge> },
  { head: 'Closes', field: 'closesAt', cell: ({ closesAt }) => <Moment at={closesAt} /> },
  { head: 'Posts', field: 'posts', isFigure: true, cell: ({ posts }) => <Count value={posts} /> },
  { head: 'Billed', isFigure: true, cell: ({ billedPosts }) => <Count value={billedPosts} /> },
  { head: 'Peak', isFigure: true, cell: ({ peakPosts }) => <Count value={peakPosts} /> },
  {
    ...{ head: 'Amount', isFigure: true },
    cell: ({ amount, currency, state }) => (
      <Money amount={amount} currency={currency} soFar={state !== 'closed'} />
    ),
  },
];

export function BreachesPanel({ c, data }: Props) {
  return (
    <ListPanel
      {...{ c, data, columns: BREACH_COLUMNS, answer: data.breaches }}
      title="Breaches"
      empty="The client has never exceeded its threshold"
      caption="Breaches, newest first"
      api={`/v1/breaches?client=${encodeURIComponent(data.client.id)}`}
      keyOf={({ id }) => id}
    />
  );
}

/** @param mayWrite whether the viewer may make letters. */
function invoiceColumns(mayWrite: boolean): ReadonlyArray<Column<ListedInvoice>> {
  return [
    {
      head: 'Invoice',
      cell: (row) => (
        <>
          <a href={`/invoices/${row.id}`}>{invoiceName(row)}</a>
          {mayWrite && (row.status === 'draft' || row.status === 'approved') ? (
            <>
              {' '}
              <a href={`/invoices/${row.id}/letters`}>letter before action</a>
            </>
          ) : null}
        </>
      ),
    },
    { head: 'State', cell: (row) => <InvoiceStanding of={row} /> },
    { head: 'From (UTC)', cell: ({ from, month }) => (from === null ? month : <Moment at={from} />) },
    { head: 'To', cell: ({ to }) => <Moment at={to} /> },
    { head: 'Amount', isFigure: true, cell: (row) => <InvoiceAmount of={row} /> },
  ];
}

export function InvoicesPanel({ c, data }: Props) {
  const query = `client=${encodeURIComponent(data.client.id)}`;
  return (
    <ListPanel
      {...{ c, data, columns: invoiceColumns(mayAct(c, 'finance')), answer: data.invoices }}
      title="Invoices"
      empty="No invoice and no draft"
      caption="Invoices, newest first"
      api={`/v1/invoices?${query}`}
      aside={
        <>
          <a href={`/clients/${encodeURIComponent(data.client.id)}/statement`}>Statement</a>{' '}
          <a href={`/payments?${query}`}>Payments</a> <a href={`/v1/invoices?${query}&format=csv`}>CSV</a>
        </>
      }
    >
      <Balances data={data} />
    </ListPanel>
  );
}

function Balances({ data }: Pick<Props, 'data'>) {
  if (!data.balances.ok) return <ProblemNotice problem={data.balances.problem} hasFocus={false} />;
  return (
    <Figures label="Balance">
      {data.balances.value.items.map(({ currency, open, unallocated, balance }, at) => (
        <Figure label={`Balance, ${currency}`} note={`${open} open, ${unallocated} not allocated`}>
          <Money amount={balance} currency={currency} api={`${data.path}/balances#/items/${at}/balance`} />
        </Figure>
      ))}
    </Figures>
  );
}

export function TariffPanel({ c, data }: Props) {
  const { own, general, client } = data;
  const hasOwn = own.ok && own.value.items.length > 0;
  const answer = hasOwn ? own : general;
  return (
    <ListPanel
      {...{ c, data, answer }}
      title="Tariff"
      empty="No tariff"
      caption={
        hasOwn
          ? 'Versions of its own tariff, newest first. What differs from the version before is marked.'
          : 'The client follows the default tariff. Its versions, newest first; what differs from the version before is marked.'
      }
      api={hasOwn ? `/v1/clients/${encodeURIComponent(client.id)}/tariffs` : '/v1/tariffs'}
      columns={versionColumns(answer.ok ? answer.value.items : [])}
      aside={
        mayAct(c, 'operator') ? (
          <a href={`/tariffs/new?client=${encodeURIComponent(client.id)}`}>New version</a>
        ) : undefined
      }
    />
  );
}

function versionColumns(versions: readonly VersionJson[]): ReadonlyArray<Column<VersionJson>> {
  // The version that applied before: the next older one that is not retired.
  const before = (index: number) => versions.slice(index + 1).find(({ retirement }) => retirement === null);
  return [
    { head: 'Version', field: 'version', cell: ({ version }) => version },
    { head: 'From (UTC)', field: 'validFrom', cell: ({ validFrom }) => <Moment at={validFrom} /> },
    { head: 'Terms', cell: (one, index) => <Terms terms={one.terms} before={before(index)?.terms} /> },
    { head: 'By', field: 'createdBy', cell: ({ createdBy }) => createdBy },
    {
      head: 'Reason',
      cell: ({ reason, retirement }) =>
        retirement === null ? reason : <Retired reason={reason} why={retirement} />,
    },
  ];
}

function Retired({ reason, why }: { reason: string; why: NonNullable<VersionJson['retirement']> }) {
  return (
    <>
      {reason} <Badge tone="quiet">{why.supersededBy === null ? 'withdrawn' : 'replaced'}</Badge>{' '}
      <small>{why.reason}</small>
    </>
  );
}

type TermsJson = VersionJson['terms'];

function Terms({ terms, before }: { terms: TermsJson; before: TermsJson | undefined }) {
  if (terms === null) return <>as the default tariff</>;
  const old = new Map<string, unknown>(Object.entries(before ?? {}));
  return (
    <ul class="terms">
      {Object.entries(terms).map(([name, value]) => {
        const text = `${name} ${value}`;
        return <li>{before !== undefined && old.get(name) !== value ? <mark>{text}</mark> : text}</li>;
      })}
    </ul>
  );
}

type Day = SeriesJson['points'][number] & { readonly unique?: SeriesJson['unique'][number] | undefined };

const DAY_COLUMNS: ReadonlyArray<Column<Day>> = [
  { head: 'Day (UTC)', cell: ({ at }) => <time datetime={at}>{at.slice(0, 10)}</time> },
  { head: 'Posts', isFigure: true, cell: ({ posts }) => <Count value={posts} /> },
  {
    ...{ head: 'Unique posts', isFigure: true },
    cell: ({ unique }) =>
      unique === undefined ? (
        <None />
      ) : (
        <>
          <Count value={unique.posts} />
          {unique.isExact ? null : <small> ± 0.81 %</small>}
        </>
      ),
  },
  { head: 'Without id', isFigure: true, cell: ({ unique }) => <Count value={unique?.withoutId ?? null} /> },
  { head: 'Requests', isFigure: true, cell: ({ requests }) => <Count value={requests} /> },
  { head: 'Refused', isFigure: true, cell: ({ refused }) => <Count value={refused} /> },
  { head: 'Uncounted', isFigure: true, cell: ({ uncounted }) => <Count value={uncounted} /> },
  { head: 'Bytes', isFigure: true, cell: ({ bytes }) => <Count value={bytes} /> },
];

export function UsagePanel({ c, data }: Props) {
  const { usage, path } = data;
  const answer: Answer<PageOf<Day>> = usage.ok
    ? { ok: true, value: { items: daysOf(usage.value), next: null } }
    : usage;
  const range = usage.ok ? { from: usage.value.from, to: usage.value.to } : {};
  const query = new URLSearchParams({ ...range, step: 'day' });
  return (
    <ListPanel
      {...{ c, data, answer, columns: DAY_COLUMNS }}
      title="Usage by day"
      empty="No usage"
      caption="The last two weeks, newest first"
      api={`${path}/usage?${query}`}
      aside={
        <a href={`${path}/usage?${query}&format=csv`} download>
          CSV
        </a>
      }
    />
  );
}

function daysOf({ points, unique }: SeriesJson): Day[] {
  const byDay = new Map(unique.map((day) => [day.day, day]));
  return points.map((point) => ({ ...point, unique: byDay.get(point.at.slice(0, 10)) })).reverse();
}

export function AuditPanel({ data }: { data: ClientData }) {
  const { audit, client } = data;
  const all = `/audit?${new URLSearchParams({ under: `clients/${client.id}` })}`;
  return (
    <Panel title="Audit" aside={<a href={all}>All changes</a>}>
      {!audit.ok ? (
        <ProblemNotice problem={audit.problem} hasFocus={false} />
      ) : audit.value.items.length === 0 ? (
        <Empty title="No changes" />
      ) : (
        <Timeline
          entries={audit.value.items.map(({ at, action, actor, reason }) => ({
            at,
            title: action,
            by: actor,
            ...(reason === null ? {} : { detail: reason }),
          }))}
        />
      )}
    </Panel>
  );
}
