/** Receivers in requests and responses. */

import { z } from '@hono/zod-openapi';
import { EVENT_TYPES, isEventPattern } from '../../../notify/event.ts';
import { CLIENT_EVENTS, isMailKind, RECEIVER_KINDS } from '../../../notify/receiver.ts';
import { isoTimestamp, isoTimestampOrNull } from '../../../report/timestamp.ts';
import type { ReceiverRecord } from '../../alerts-port.ts';
import type { ReceiverRules } from '../../deps.ts';
import { ClientId, lineOfText, TimestampOut } from '../../fields.ts';

const TYPE_TABLE = Object.entries(EVENT_TYPES).map(([type, meaning]) => `- \`${type}\`: ${meaning}`);

/** A type of events, or the beginning of some with `*`. */
export const EventPattern = z
  .string()
  .max(100)
  .refine(isEventPattern, {
    error: 'matches no type of events',
    params: { hint: 'use a type such as invoice.ready, a group such as client.*, or * for all' },
  })
  .openapi({ example: 'client.*' });

const events = z
  .array(EventPattern)
  .min(1)
  .max(50)
  .openapi({
    description: `Types of events. \`*\` at the end matches the rest of a type. Default: all; for a client: ${CLIENT_EVENTS.join(', ')}, which are all that it may have.\n\n${TYPE_TABLE.join('\n')}`,
  });
const clients = z.array(ClientId).min(1).max(100).nullable().openapi({
  description: 'Only events of these clients; null: events of all clients, and those without a client.',
});
const address = lineOfText(2000).openapi({
  description:
    'The https:// URL of a webhook or chat, or a mailbox. Lists show the host of a URL alone, because its path may be secret.',
});

export const NewReceiverBody = z
  .strictObject({
    name: lineOfText(100),
    kind: z.enum(RECEIVER_KINDS).openapi({
      description:
        'webhook: signed JSON (Standard Webhooks). chat: an incoming webhook of Slack, Mattermost and others. mail: a mailbox, at most one mail in five minutes. client: the same for the mailbox of one client, without links and names of people.',
    }),
    address,
    events: events.optional(),
    clients: clients.default(null),
  })
  .openapi('NewReceiver');

export const ReceiverChange = z
  .strictObject({
    name: lineOfText(100).optional(),
    address: address.optional(),
    events: events.optional(),
    clients: clients.optional(),
    isOn: z.boolean().optional().openapi({ description: 'false: messages that wait are skipped.' }),
  })
  .openapi('ReceiverChange');

const receiverFields = {
  id: z.string(),
  name: z.string(),
  kind: z.enum(RECEIVER_KINDS),
  address: z.string().openapi({ description: 'The host of the URL, or the mailbox.' }),
  events: z.array(z.string()),
  clients: z.array(z.string()).nullable(),
  isOn: z.boolean(),
  offReason: z.string().nullable().openapi({ description: 'Why the sender switched it off.' }),
  isSentHere: z.boolean().openapi({
    description:
      'false: another process must send to it. Mail is sent by Node processes with SMTP_URL alone.',
  }),
  waiting: z.int().openapi({ description: 'Messages that wait for an attempt.' }),
  lastSentAt: TimestampOut.nullable(),
  failingSince: TimestampOut.nullable(),
  createdAt: TimestampOut,
  createdBy: z.string(),
};
export const ReceiverSchema = z.object(receiverFields).openapi('Receiver');

const secret = z.string().nullable().openapi({
  description: 'Shown only in this response: verifies the signatures of a webhook. null for chat and mail.',
  example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
});
export const AddedReceiverSchema = z.object({ ...receiverFields, secret }).openapi('AddedReceiver');
export const RotatedSchema = z
  .object({
    secret: z.string().openapi({ description: 'The new secret, shown only in this response.' }),
    previousValidUntil: TimestampOut.openapi({ description: 'Until then messages have both signatures.' }),
  })
  .openapi('RotatedSecret');

export function receiverJson(receiver: ReceiverRecord, { hasMailer }: ReceiverRules) {
  const { shownAddress, clientIds, events, createdAtMs, lastSentMs, failingSinceMs, ...rest } = receiver;
  return {
    ...rest,
    address: shownAddress,
    events: [...events],
    clients: clientIds === null ? null : [...clientIds],
    isSentHere: !isMailKind(receiver.kind) || hasMailer,
    lastSentAt: isoTimestampOrNull(lastSentMs),
    failingSince: isoTimestampOrNull(failingSinceMs),
    createdAt: isoTimestamp(createdAtMs),
  };
}
