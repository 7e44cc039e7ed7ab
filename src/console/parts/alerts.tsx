/** What the pages of alerts share: their tabs, states of messages, and the fields of a receiver. */

import type { z } from 'zod';
import type { MessageSchema } from '../../admin/routes/alerts/message-schemas.ts';
import type { ReceiverSchema } from '../../admin/routes/alerts/receiver-schemas.ts';
import { isMailKind } from '../../notify/receiver.ts';
import type { PageContext } from '../context.ts';
import { Badge } from './badge.tsx';
import { Field, type FormState } from './form.tsx';
import type { Tone } from './notice.tsx';
import { type Column, DataTable } from './table.tsx';
import { Moment, None } from './value.tsx';

export type ReceiverJson = z.output<typeof ReceiverSchema>;
export type MessageJson = z.output<typeof MessageSchema>;

const TABS = [
  ['/alerts', 'Receivers'],
  ['/alerts/levels', 'Levels'],
  ['/alerts/events', 'Events'],
  ['/alerts/messages', 'Messages'],
] as const;

export function AlertTabs({ c }: { c: PageContext }) {
  return (
    <nav class="tabs" aria-label="Alerts">
      {TABS.map(([path, label]) => (
        <a href={path} aria-current={c.req.path === path ? 'page' : undefined}>
          {label}
        </a>
      ))}
    </nav>
  );
}

const STATES: Readonly<Record<MessageJson['state'], readonly [Tone, string]>> = {
  due: ['info', 'due'],
  failed: ['warn', 'fails'],
  sent: ['good', 'sent'],
  given_up: ['bad', 'given up'],
  skipped: ['quiet', 'skipped'],
};

export function MessageBadge({ state }: { state: MessageJson['state'] }) {
  const [tone, word] = STATES[state];
  return <Badge tone={tone}>{word}</Badge>;
}

export function ReceiverBadge({ receiver }: { receiver: ReceiverJson }) {
  if (!receiver.isOn) return <Badge tone="quiet">off</Badge>;
  if (receiver.failingSince !== null) return <Badge tone="bad">fails</Badge>;
  if (!receiver.isSentHere) return <Badge tone="warn">sent elsewhere</Badge>;
  return <Badge tone="good">ok</Badge>;
}

const COLUMNS: ReadonlyArray<Column<MessageJson>> = [
  {
    head: 'Time (UTC)',
    field: 'createdAt',
    cell: ({ id, createdAt }) => (
      <a href={`/alerts/messages/${id}`}>
        <Moment at={createdAt} seconds />
      </a>
    ),
  },
  { head: 'Event', cell: ({ event }) => <EventTitle title={event.title} /> },
  { head: 'Receiver', cell: ({ receiver }) => <bdi>{receiver.name}</bdi> },
  { head: 'State', cell: ({ state }) => <MessageBadge state={state} /> },
  { head: 'Attempts', field: 'attempts', isFigure: true, cell: ({ attempts }) => attempts },
  { head: 'Last answer', cell: ({ last }) => <LastAnswer last={last} /> },
  { head: 'Next attempt', field: 'dueAt', cell: ({ dueAt }) => <Moment at={dueAt} seconds /> },
];

export function MessageTable(props: {
  c: PageContext;
  api: string;
  items: readonly MessageJson[];
  caption: string;
}) {
  const { c, api, items, caption } = props;
  return (
    <DataTable c={c} caption={caption} api={api} columns={COLUMNS} rows={items} keyOf={({ id }) => id} />
  );
}

/** A sentence in a table, of which the column keeps a readable width. */
export function EventTitle({ title }: { title: string }) {
  return <bdi class="sentence">{title}</bdi>;
}

function LastAnswer({ last }: Pick<MessageJson, 'last'>) {
  if (last === null) return <None />;
  return (
    <>
      {last.status ?? last.error} <small>in {last.durationMs} ms</small>
    </>
  );
}

/** The fields of a new receiver, or of one that is changed: then its kind stays, and its address is not shown. */
export function ReceiverFields({ state, receiver }: { state: FormState; receiver?: ReceiverJson }) {
  return (
    <>
      <Field name="name" label="Name" state={state} required value={receiver?.name} />
      {receiver === undefined ? (
        <Field
          name="kind"
          label="Kind"
          state={state}
          required
          options={[
            ['webhook', 'webhook: signed JSON'],
            ['chat', 'chat: Slack or another service of that form'],
            ['mail', 'mail'],
            ['client', 'client: the mailbox of one client, for its own events'],
          ]}
        />
      ) : null}
      <Field
        name="address"
        label={receiver === undefined ? 'Address' : 'New address'}
        state={state}
        required={receiver === undefined}
        placeholder={
          receiver !== undefined && isMailKind(receiver.kind)
            ? 'finance@example.com'
            : 'https://hooks.example/alerts'
        }
        hint={
          receiver === undefined
            ? 'An https:// URL, or a mailbox. It is stored encrypted.'
            : `Now at ${receiver.address}. Empty: unchanged.`
        }
      />
      <Field
        name="events"
        label="Events"
        state={state}
        required
        lines={3}
        value={(receiver?.events ?? ['*']).join('\n')}
        hint="Types such as invoice.ready, groups such as client.*, or * for all; one per line."
      />
      <Field
        name="clients"
        label="Clients"
        state={state}
        lines={2}
        value={receiver?.clients?.join('\n') ?? ''}
        hint="Ids, one per line. Empty: all clients, and events without a client."
      />
    </>
  );
}

/** The body of the API from the fields of a receiver. Empty fields that may be empty are left out. */
export function receiverBody(values: Readonly<Record<string, string>>) {
  const { name = '', kind, address = '', events = '', clients = '' } = values;
  return {
    name,
    ...(kind === undefined ? {} : { kind }),
    ...(address.trim() === '' && kind === undefined ? {} : { address }),
    events: linesOf(events),
    clients: linesOf(clients).length === 0 ? null : linesOf(clients),
  };
}

function linesOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((line) => line !== '');
}
