/** Events and messages in responses. */

import { z } from '@hono/zod-openapi';
import type { NotifyEvent } from '../../../notify/event.ts';
import { MESSAGE_STATES, RECEIVER_KINDS } from '../../../notify/receiver.ts';
import { wordsOf } from '../../../notify/words.ts';
import { isoTimestamp, isoTimestampOrNull } from '../../../report/timestamp.ts';
import type { EventRecord, LoggedAttempt, MessageRecord } from '../../alerts-port.ts';
import { TimestampOut } from '../../fields.ts';

const eventFields = {
  id: z.string(),
  type: z.string().openapi({ example: 'client.crossed' }),
  subject: z.string().openapi({ description: 'Path of the concerned object.', example: 'clients/acme' }),
  clientId: z.string().nullable(),
  at: TimestampOut,
  title: z.string().openapi({ description: 'What the event says to people.' }),
  data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
};
const EventSchema = z.object(eventFields).openapi('Event');
export const ListedEventSchema = z
  .object({
    ...eventFields,
    messages: z.int().openapi({ description: 'Number of receivers that the event is sent to.' }),
  })
  .openapi('ListedEvent');

const status = z.int().nullable().openapi({
  description: 'Status of the HTTP response, or reply code of the mail server; null without a response.',
});
const error = z.string().nullable().openapi({ description: 'Why there was no response.' });
const durationMs = z.int();

const messageFields = {
  id: z.string(),
  event: EventSchema,
  receiver: z.object({
    id: z.string(),
    name: z.string(),
    kind: z.enum(RECEIVER_KINDS),
    address: z.string(),
  }),
  state: z.enum(MESSAGE_STATES).openapi({
    description:
      'due: no attempt yet. failed: another attempt is planned. given_up: the plan of attempts is used up. skipped: the receiver was switched off first.',
  }),
  dueAt: TimestampOut.nullable().openapi({ description: 'The next attempt.' }),
  attempts: z.int(),
  createdAt: TimestampOut,
  last: z.object({ at: TimestampOut, status, error, durationMs }).nullable(),
};
export const MessageSchema = z.object(messageFields).openapi('Message');
export const MessageDetailSchema = z
  .object({
    ...messageFields,
    log: z.array(
      z.object({
        number: z.int(),
        at: TimestampOut,
        status,
        error,
        durationMs,
        requestHeaders: z.record(z.string(), z.string()),
        requestBody: z.string(),
        responseHead: z.string().openapi({ description: 'First 2 KB of the response.' }),
      }),
    ),
  })
  .openapi('MessageDetail');

function eventJson({ id, type, subject, clientId, atMs, data }: NotifyEvent) {
  const event = { type, subject, atMs, data };
  return {
    id,
    type,
    subject,
    clientId,
    at: isoTimestamp(atMs),
    title: wordsOf(event).title,
    data: { ...data },
  };
}

export function listedEventJson(event: EventRecord) {
  return { ...eventJson(event), messages: event.messages };
}

export function messageJson(message: MessageRecord) {
  const { event, receiver, last, state, attempts } = message;
  const { shownAddress: address, id, name, kind } = receiver;
  return {
    id: message.id,
    event: eventJson(event),
    receiver: { id, name, kind, address },
    ...{ state, attempts },
    dueAt: isoTimestampOrNull(message.dueAtMs),
    createdAt: isoTimestamp(message.createdAtMs),
    last: last === null ? null : attemptJson(last),
  };
}

export function loggedAttemptJson({
  requestHeaders,
  requestBody,
  responseHead,
  number,
  ...rest
}: LoggedAttempt) {
  return { number, ...attemptJson(rest), requestHeaders: { ...requestHeaders }, requestBody, responseHead };
}

function attemptJson({ atMs, status, error, durationMs }: NonNullable<MessageRecord['last']>) {
  return { at: isoTimestamp(atMs), status, error, durationMs };
}
