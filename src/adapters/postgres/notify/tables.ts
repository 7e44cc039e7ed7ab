/**
 * The tables of events and their messages. An event is written in the transaction of what it reports, and its messages
 * with it. Events and attempts are final; triggers in drizzle/ enforce this.
 */

import { sql } from 'drizzle-orm';
import {
  bigserial,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { EventData } from '../../../notify/event.ts';
import { MESSAGE_STATES, RECEIVER_KINDS } from '../../../notify/receiver.ts';
import { bytes, moment } from '../columns.ts';

export const receivers = pgTable('receivers', {
  id: uuid('id').primaryKey(),
  name: text('name').notNull(),
  kind: text('kind', { enum: RECEIVER_KINDS }).notNull(),
  /** What lists show of the address: the host of a URL, or the mailbox. */
  shownAddress: text('shown_address').notNull(),
  /** The address and the signing secrets, encrypted (src/notify/sealed.ts). */
  sealed: bytes('sealed').notNull(),
  /** Patterns of event types. */
  events: text('events').array().notNull(),
  /** Null: events of all clients. */
  clientIds: text('client_ids').array(),
  isOn: boolean('is_on').notNull(),
  /** Why the sender switched it off; null if an operator did, or if it is on. */
  offReason: text('off_reason'),
  /** From when on a process may send to it. A process that sends moves it ahead as a lease. */
  turnAt: moment('turn_at').notNull(),
  createdAt: moment('created_at').notNull(),
  createdBy: text('created_by').notNull(),
  /** A removed receiver stays for the log. */
  removedAt: moment('removed_at'),
});

export const events = pgTable(
  'events',
  {
    sequence: bigserial('sequence', { mode: 'number' }).primaryKey(),
    id: uuid('id').notNull().unique(),
    type: text('type').notNull(),
    /** Path of the concerned object, as in the admin API: `clients/acme`. */
    subject: text('subject').notNull(),
    clientId: text('client_id'),
    at: moment('at').notNull(),
    data: jsonb('data').$type<EventData>().notNull(),
  },
  (t) => [
    index('events_subject').on(t.subject, t.sequence),
    index('events_client').on(t.clientId, t.sequence),
    uniqueIndex('events_ready_once').on(t.subject).where(sql`${t.type} = 'invoice.ready'`),
  ],
);

export const messages = pgTable(
  'messages',
  {
    id: uuid('id').primaryKey(),
    eventId: uuid('event_id')
      .notNull()
      .references(() => events.id),
    receiverId: uuid('receiver_id')
      .notNull()
      .references(() => receivers.id),
    state: text('state', { enum: MESSAGE_STATES }).notNull(),
    /** When the next attempt is due; null if none is planned. */
    dueAt: moment('due_at'),
    /** Attempts so far. */
    attempts: integer('attempts').notNull().default(0),
    /** Attempts under the present plan, which starts again when an operator resends the message. */
    tries: integer('tries').notNull().default(0),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    uniqueIndex('messages_event_receiver').on(t.eventId, t.receiverId),
    index('messages_due').on(t.receiverId, t.dueAt).where(sql`${t.dueAt} is not null`),
    index('messages_receiver').on(t.receiverId, t.id),
  ],
);

export const attempts = pgTable(
  'attempts',
  {
    messageId: uuid('message_id')
      .notNull()
      .references(() => messages.id),
    number: integer('number').notNull(),
    at: moment('at').notNull(),
    durationMs: integer('duration_ms').notNull(),
    /** Status of the HTTP response, or reply code of the mail server; null without a response. */
    status: integer('status'),
    /** Why there is no response; null if there is one. */
    error: text('error'),
    /** Headers as sent. */
    requestHeaders: jsonb('request_headers').$type<Record<string, string>>().notNull(),
    /** Body as sent. */
    requestBody: text('request_body').notNull(),
    /** First 2 KB of the response. */
    responseHead: text('response_head').notNull(),
  },
  (t) => [primaryKey({ columns: [t.messageId, t.number] }), index('attempts_at').on(t.at)],
);

/** Levels, in percent of the threshold, that each client has reached and not left. */
export const clientLevels = pgTable(
  'client_levels',
  {
    clientId: text('client_id').notNull(),
    level: integer('level').notNull(),
    since: moment('since').notNull(),
  },
  (t) => [primaryKey({ columns: [t.clientId, t.level] })],
);

/** The levels that operators have set. `client_id` '': the default. Without a row the product's default applies. */
export const levelSettings = pgTable('level_settings', {
  clientId: text('client_id').primaryKey(),
  levels: integer('levels').array().notNull(),
  setAt: moment('set_at').notNull(),
  setBy: text('set_by').notNull(),
});
