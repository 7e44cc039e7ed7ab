/** The list of clients: who they are, who takes most, and what is at stake. */

import type { z } from '@hono/zod-openapi';
import type { ClientPageSchema } from '../../admin/routes/clients/client-list.ts';
import { nounOf } from '../../report/counted.ts';
import { api, hrefOf } from '../api.ts';
import { type ConsolePage, formOf, hrefWith, mayAct, type PageContext, seeDone } from '../context.ts';
import { problemPage } from '../failures.tsx';
import { page } from '../layout.tsx';
import { Amounts, ClientCell, type ClientWithFigures, ComesTo, OverAt } from '../parts/client-cells.tsx';
import { type ChoosableColumn, ColumnChooser, chosenColumns } from '../parts/columns.tsx';
import { Filter, type FilterField } from '../parts/filter.tsx';
import { Field, type FormState, FRESH, PostForm, Submit } from '../parts/form.tsx';
import { Empty } from '../parts/notice.tsx';
import { DataTable, Pager } from '../parts/table.tsx';
import { Count, grouped, Moment, Share } from '../parts/value.tsx';

type ClientPageJson = z.infer<typeof ClientPageSchema>;

const PATH = '/v1/clients';
const DEFAULT_SORT = '-share';
const HOLD_FORM = 'hold';
const PAGE_SIZES = ['25', '50', '100', '200'];
const HOUR_MS = 3_600_000;
const SEEN_HOURS: Readonly<Record<string, number>> = { hour: 1, day: 24, week: 168 };

const FILTERS: readonly FilterField[] = [
  { name: 'q', label: 'Search', type: 'search', placeholder: 'name, id, key, address' },
  {
    name: 'state',
    label: 'State',
    options: [
      ['', 'Any'],
      ['over', 'Over the threshold'],
      ['near', 'Near the threshold'],
      ['in_breach', 'In breach'],
      ['settling', 'Settling'],
      ['on_hold', 'On hold'],
      ['exempt', 'Exempt'],
      ['licensed', 'Licensed'],
    ],
  },
  {
    name: 'kind',
    label: 'Kind',
    options: [
      ['', 'Named'],
      ['callers', 'Callers'],
      ['all', 'All'],
    ],
  },
  {
    name: 'tariff',
    label: 'Tariff',
    options: [
      ['', 'Any'],
      ['default', 'The default tariff'],
      ['own', 'Own terms'],
    ],
  },
  {
    name: 'seen',
    label: 'Seen',
    options: [
      ['', 'At any time'],
      ['hour', 'In the last hour'],
      ['day', 'In the last day'],
      ['week', 'In the last week'],
    ],
  },
];

const COLUMNS: ReadonlyArray<ChoosableColumn<ClientWithFigures>> = [
  {
    head: 'Client',
    field: 'id',
    sort: 'id',
    order: 'ascending',
    cell: (client) => <ClientCell client={client} />,
  },
  {
    name: 'total',
    head: 'Total',
    field: 'now.total',
    sort: 'total',
    order: 'descending',
    isFigure: true,
    cell: ({ now }) => <Count value={now.total} />,
  },
  {
    name: 'share',
    head: 'Of threshold',
    field: 'now.share',
    sort: 'share',
    order: 'descending',
    cell: ({ now }) => <Share value={now.share} />,
  },
  {
    name: 'pace',
    head: 'Pace',
    field: 'now.pace',
    isFigure: true,
    cell: ({ now }) => <Count value={now.pace} unit="/h" />,
  },
  {
    name: 'requests',
    head: 'Requests',
    field: 'now.requests',
    isFigure: true,
    cell: ({ now }) => <Count value={now.requests} />,
  },
  {
    name: 'uncounted',
    head: 'Uncounted',
    field: 'now.uncounted',
    isFigure: true,
    cell: ({ now }) => <Count value={now.uncounted} />,
  },
  {
    name: 'monthPosts',
    head: 'Month posts',
    field: 'now.month.posts',
    isFigure: true,
    cell: ({ now }) => <Count value={now.month.posts} />,
  },
  {
    name: 'month',
    head: 'This month',
    isFigure: true,
    cell: ({ now }) => <Amounts amounts={now.month.amounts} soFar={now.drafts.length > 0} />,
  },
  {
    ...{ name: 'tariff', head: 'Tariff', field: 'now.kind' },
    cell: ({ now }) => <span class="count">{now.kind}</span>,
  },
  {
    ...{ name: 'seen', head: 'Seen (UTC)', field: 'now.lastSeenAt' },
    cell: ({ now }) => <Moment at={now.lastSeenAt} />,
  },
  {
    ...{ name: 'threshold', head: 'Threshold', field: 'now.threshold', isFigure: true, isExtra: true },
    cell: ({ now }) => <Count value={now.threshold} />,
  },
  {
    ...{ name: 'overAt', head: 'Over at (UTC)', isExtra: true },
    cell: ({ now }) => <OverAt now={now} />,
  },
  {
    ...{ name: 'comesTo', head: 'Comes to', isFigure: true, isExtra: true },
    cell: ({ now }) => <ComesTo now={now} />,
  },
  {
    ...{ name: 'drafts', head: 'Open drafts', isFigure: true, isExtra: true },
    cell: ({ now }) => <Amounts amounts={now.drafts} soFar />,
  },
];

export const clientsPage: ConsolePage = {
  path: '/clients',
  nav: { label: 'Clients', group: 'Metering' },
  get: (c) => clientsView(c, FRESH),
  async post(c) {
    const values = await formOf(c);
    const { id = '', name = '' } = values;
    const added = await api(c).post<{ id: string }>(PATH, { name, ...(id === '' ? {} : { id }) });
    if (!added.ok) return clientsView(c, { values, problem: added.problem });
    return seeDone(c, `/clients?q=${encodeURIComponent(added.value.id)}`, 'added');
  },
};

async function clientsView(c: PageContext, form: FormState): Promise<Response> {
  const { cursor, limit = '50' } = c.req.query();
  const asked = askedOf(c);
  const size = PAGE_SIZES.includes(limit) ? limit : '50';
  const found = await api(c).get<ClientPageJson>(PATH, { ...asked, cursor, limit: size });
  if (!found.ok) return problemPage(c, found.problem);
  const { items, next, matches } = found.value;
  const rows = items.flatMap(({ id, name, now }) => (now === undefined ? [] : [{ id, name, now }]));
  return page(
    c,
    {
      title: 'Clients',
      live: ['usage', 'invoices', 'breaches', 'holds', 'audit'],
      done: { added: 'The client was added. Give it a key or an address range next.' },
      ...(form.problem === undefined ? {} : { status: form.problem.status }),
      aside: <a href={`${requestOf(asked)}&format=csv`}>CSV</a>,
    },
    <>
      <Filter c={c} fields={FILTERS} />
      <ColumnChooser c={c} columns={COLUMNS} />
      {rows.length === 0 ? (
        <NoClients c={c} />
      ) : (
        <DataTable
          c={c}
          caption="Totals are of the tariff's window that ends now; times are UTC"
          columns={chosenColumns(c, COLUMNS)}
          rows={rows}
          defaultSort={DEFAULT_SORT}
          keyOf={({ id }) => id}
          api={hrefOf(PATH, { ...asked, cursor, limit: size })}
          {...(mayAct(c, 'operator') && {
            select: { form: HOLD_FORM, name: 'client', value: ({ id }: ClientWithFigures) => id },
          })}
        />
      )}
      {mayAct(c, 'operator') && rows.length > 0 ? (
        <PostForm state={FRESH} id={HOLD_FORM} action="/holds/new" class="form inline">
          <Submit>Put the selected on billing hold…</Submit>
        </PostForm>
      ) : null}
      <Pager c={c} next={next} total={matches === undefined ? undefined : hitsText(rows.length, matches)} />
      {mayAct(c, 'operator') ? <AddClient form={form} /> : null}
    </>,
  );
}

/** The parameters of the page as the API takes them. */
function askedOf(c: PageContext) {
  const { q, state, kind, tariff, seen, sort } = c.req.query();
  const hours = seen === undefined ? undefined : SEEN_HOURS[seen];
  const sinceMs = hours === undefined ? undefined : Date.now() - hours * HOUR_MS;
  return {
    q: q?.trim(),
    state,
    kind: kind === undefined || kind === '' ? 'named' : kind,
    tariff,
    seenSince: sinceMs === undefined ? undefined : new Date(sinceMs).toISOString(),
    sort: sort ?? DEFAULT_SORT,
  };
}

/** The request for these parameters. Empty ones are left out. */
function requestOf(asked: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(asked).filter((one): one is [string, string] => (one[1] ?? '') !== '');
  return `${PATH}?${new URLSearchParams(given)}`;
}

function hitsText(shown: number, { count, isExact }: NonNullable<ClientPageJson['matches']>): string {
  const all = grouped(String(count));
  return `${shown} of ${isExact ? all : `more than ${all}`} ${nounOf(count, 'client')}`;
}

function NoClients({ c }: { c: PageContext }) {
  const { q = '', state = '', kind = '', tariff = '', seen = '' } = c.req.query();
  if (`${q}${state}${tariff}${seen}` !== '') {
    return (
      <Empty title="No client matches">
        <p>
          <a href={hrefWith(c, { q: undefined, state: undefined, tariff: undefined, seen: undefined })}>
            Remove the filters
          </a>
          {kind === '' ? (
            <>
              , or <a href={hrefWith(c, { kind: 'all' })}>look among callers too</a>
            </>
          ) : null}
          .
        </p>
      </Empty>
    );
  }
  return (
    <Empty title={kind === 'callers' ? 'No unknown caller has been seen' : 'No client has a name yet'}>
      <p>
        Add a client below, or <a href={hrefWith(c, { kind: 'callers' })}>look at the callers</a> that have no
        name.
      </p>
    </Empty>
  );
}

function AddClient({ form }: { form: FormState }) {
  return (
    <details class="panel" open={form.problem !== undefined} id="add">
      <summary>Add a client</summary>
      <PostForm state={form} action="/clients" api={`POST ${PATH}`}>
        <Field
          name="name"
          label="Name"
          state={form}
          required
          hint="As people call it. Up to 200 characters."
        />
        <Field
          name="id"
          label="Id"
          state={form}
          placeholder="acme"
          hint="1 to 63 characters of a-z, 0-9, _ and -. It cannot change. Without one, a random id is made."
        />
        <p class="buttons">
          <Submit tone="primary">Add the client</Submit>
        </p>
      </PostForm>
    </details>
  );
}
