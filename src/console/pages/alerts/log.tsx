/** The log of alerts: events, and the messages that receivers got of them. */

import type { z } from 'zod';
import type { ListedEventSchema } from '../../../admin/routes/alerts/message-schemas.ts';
import { MESSAGE_STATES } from '../../../notify/receiver.ts';
import { api, type PageOf } from '../../api.ts';
import type { ConsolePage } from '../../context.ts';
import { problemPage } from '../../failures.tsx';
import { page } from '../../layout.tsx';
import {
  AlertTabs,
  EventTitle,
  type MessageJson,
  MessageTable,
  type ReceiverJson,
} from '../../parts/alerts.tsx';
import { Filter } from '../../parts/filter.tsx';
import { Empty } from '../../parts/notice.tsx';
import { type Column, DataTable, Pager } from '../../parts/table.tsx';
import { Moment, None } from '../../parts/value.tsx';

type EventJson = z.output<typeof ListedEventSchema>;

const PAGE_SIZE = 50;

const COLUMNS: ReadonlyArray<Column<EventJson>> = [
  { head: 'Time (UTC)', field: 'at', cell: ({ at }) => <Moment at={at} seconds /> },
  { head: 'Event', field: 'title', cell: ({ title }) => <EventTitle title={title} /> },
  { head: 'Type', field: 'type', cell: ({ type }) => <code>{type}</code> },
  {
    head: 'Client',
    field: 'clientId',
    cell: ({ clientId }) =>
      clientId === null ? <None /> : <a href={`/clients/${encodeURIComponent(clientId)}`}>{clientId}</a>,
  },
  {
    head: 'Receivers',
    isFigure: true,
    cell: ({ id, messages }) =>
      messages === 0 ? 'none' : <a href={`/alerts/messages?event=${id}`}>{String(messages)}</a>,
  },
];

export const alertEventsPage: ConsolePage = {
  path: '/alerts/events',
  async get(c) {
    const { type, client, cursor } = c.req.query();
    const found = await api(c).get<PageOf<EventJson>>('/v1/events', {
      type,
      client,
      cursor,
      limit: PAGE_SIZE,
    });
    if (!found.ok) return problemPage(c, found.problem);
    const { items, next } = found.value;
    return page(
      c,
      { title: 'Events', live: ['messages'] },
      <>
        <AlertTabs c={c} />
        <Filter
          c={c}
          fields={[
            { name: 'type', label: 'Type', placeholder: 'client.*' },
            { name: 'client', label: 'Client', placeholder: 'acme' },
          ]}
        />
        {items.length === 0 ? (
          <Empty title="No events" />
        ) : (
          <DataTable
            c={c}
            caption="Events, newest first"
            api="/v1/events"
            columns={COLUMNS}
            rows={items}
            keyOf={({ id }) => id}
          />
        )}
        <Pager c={c} next={next} />
      </>,
    );
  },
};

export const alertMessagesPage: ConsolePage = {
  path: '/alerts/messages',
  async get(c) {
    const { receiver, event, state, cursor } = c.req.query();
    const query = { receiver, event, state, cursor, limit: PAGE_SIZE };
    const [found, receivers] = await Promise.all([
      api(c).get<PageOf<MessageJson>>('/v1/messages', query),
      api(c).get<PageOf<ReceiverJson>>('/v1/receivers', { limit: 1000 }),
    ]);
    if (!found.ok) return problemPage(c, found.problem);
    if (!receivers.ok) return problemPage(c, receivers.problem);
    const { items, next } = found.value;
    return page(
      c,
      { title: 'Messages', live: ['messages'] },
      <>
        <AlertTabs c={c} />
        <Filter
          c={c}
          fields={[
            {
              name: 'receiver',
              label: 'Receiver',
              options: [['', 'all'], ...receivers.value.items.map(({ id, name }) => [id, name] as const)],
            },
            {
              name: 'state',
              label: 'State',
              options: [['', 'all'], ...MESSAGE_STATES.map((one) => [one, one.replace('_', ' ')] as const)],
            },
            { name: 'event', label: 'Event', placeholder: 'id of an event' },
          ]}
        />
        {items.length === 0 ? (
          <Empty title="No messages" />
        ) : (
          <MessageTable c={c} caption="Messages, newest first" api="/v1/messages" items={items} />
        )}
        <Pager c={c} next={next} />
      </>,
    );
  },
};
