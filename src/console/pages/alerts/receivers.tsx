/** Receivers with their events, and a form that adds one. */

import { api, type PageOf } from '../../api.ts';
import { type ConsolePage, formOf, mayAct, type PageContext } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import {
  AlertTabs,
  ReceiverBadge,
  ReceiverFields,
  type ReceiverJson,
  receiverBody,
} from '../../parts/alerts.tsx';
import { Panel } from '../../parts/figure.tsx';
import { type FormState, FRESH, PostForm, Submit } from '../../parts/form.tsx';
import { Empty, Notice } from '../../parts/notice.tsx';
import { type Column, DataTable, Pager } from '../../parts/table.tsx';
import { Moment } from '../../parts/value.tsx';

const PATH = '/v1/receivers';
const DONE = { removed: 'The receiver is removed. Its messages stay in the log.' };

const COLUMNS: ReadonlyArray<Column<ReceiverJson>> = [
  {
    head: 'Receiver',
    field: 'name',
    cell: ({ id, name }) => (
      <a href={`/alerts/receivers/${id}`}>
        <bdi>{name}</bdi>
      </a>
    ),
  },
  { head: 'Kind', field: 'kind', cell: ({ kind }) => kind },
  { head: 'Address', field: 'address', cell: ({ address }) => address },
  { head: 'Events', cell: ({ events }) => <code>{events.join(' ')}</code> },
  { head: 'Clients', cell: ({ clients }) => clients?.join(', ') ?? 'all' },
  {
    head: 'Last sent (UTC)',
    field: 'lastSentAt',
    cell: ({ lastSentAt }) => <Moment at={lastSentAt} seconds />,
  },
  {
    head: 'Failing since',
    field: 'failingSince',
    cell: ({ failingSince }) => <Moment at={failingSince} seconds />,
  },
  { head: 'Wait', field: 'waiting', isFigure: true, cell: ({ waiting }) => waiting },
  { head: 'State', cell: (receiver) => <ReceiverBadge receiver={receiver} /> },
];

export const alertsPage: ConsolePage = {
  path: '/alerts',
  nav: { label: 'Alerts', group: 'System' },
  get: (c) => render(c, FRESH),

  async post(c) {
    const values = await formOf(c);
    const added = await api(c).post<ReceiverJson & { secret: string | null }>(PATH, receiverBody(values));
    return added.ok
      ? secretPage(c, added.value, added.value.secret)
      : render(c, { values, problem: added.problem });
  },
};

async function render(c: PageContext, state: FormState) {
  const found = await api(c).get<PageOf<ReceiverJson>>(PATH, { cursor: c.req.query('cursor'), limit: 50 });
  if (!found.ok) return problemPage(c, found.problem);
  const { items, next } = found.value;
  return page(
    c,
    { title: 'Alerts', live: ['messages'], done: DONE, status: state.problem?.status ?? 200 },
    <>
      <AlertTabs c={c} />
      {items.length === 0 ? (
        <Empty title="Nobody is told of anything yet">
          <p>
            Add a receiver: a webhook, a chat, or a mailbox. With the events <code>client.*</code> it gets a
            message when a client reaches 80, 95 and 100 % of its threshold.
          </p>
        </Empty>
      ) : (
        <DataTable
          c={c}
          caption="Receivers"
          api={PATH}
          columns={COLUMNS}
          rows={items}
          keyOf={({ id }) => id}
        />
      )}
      <Pager c={c} next={next} />
      {mayAct(c, 'operator', 'admin') ? (
        <Panel title="Add a receiver">
          <PostForm state={state} api={PATH}>
            <ReceiverFields state={state} />
            <p class="buttons">
              <Submit tone="primary">Add the receiver</Submit>
            </p>
          </PostForm>
        </Panel>
      ) : null}
    </>,
  );
}

/** The only page that shows a secret. It is the answer to the form, because a secret must not be in an address. */
export function secretPage(
  c: PageContext,
  receiver: Pick<ReceiverJson, 'id' | 'name' | 'isSentHere'>,
  secret: string | null,
) {
  return page(
    c,
    { title: `Receiver ${receiver.name}` },
    <>
      <Notice tone="good" title="Stored" hasFocus>
        {secret === null ? (
          <p>Send a test to see that it arrives.</p>
        ) : (
          <p>
            The receiver verifies signatures with this secret. It is shown only now: <code>{secret}</code>
          </p>
        )}
      </Notice>
      {receiver.isSentHere ? null : (
        <Notice tone="warn" title="This process sends no mail">
          <p>Mail is sent by a Node process with SMTP_URL on the same ledger.</p>
        </Notice>
      )}
      <p>
        <a href={`/alerts/receivers/${receiver.id}`}>To the receiver</a>
      </p>
    </>,
  );
}
