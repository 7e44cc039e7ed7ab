/** Routes of the log of alerts: events, messages with their attempts, and sending again. */

import { createRoute, z } from '@hono/zod-openapi';
import { MESSAGE_STATES } from '../../../notify/receiver.ts';
import { anyRole, type Caller, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { ClientId, lineOfText, NO_QUERY, RecordId, TimestampIn } from '../../fields.ts';
import { NUMBER_KEY, pageAsk, pageFields, pageJson, pageResponse, UUID_KEY } from '../../paging.ts';
import { fieldProblem, problems } from '../../problem.ts';
import {
  ListedEventSchema,
  listedEventJson,
  loggedAttemptJson,
  MessageDetailSchema,
  MessageSchema,
  messageJson,
} from './message-schemas.ts';
import { EventPattern } from './receiver-schemas.ts';
import { existing } from './receivers.ts';

const tags = ['alerts'];
const params = z.object({ messageId: RecordId });
const receiverParams = z.object({ receiverId: RecordId });
const DAY_MS = 24 * 3_600_000;

export function messageRoutes(app: AdminApp, { alerts, now }: Pick<AdminDeps, 'alerts' | 'now'>): void {
  const who = (caller: Caller) => ({ actor: caller.actor, atMs: now() });

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/events',
      operationId: 'listEvents',
      summary: 'Events, newest first, with or without receivers; kept for 400 days',
      tags,
      ...anyRole(),
      request: {
        query: z.strictObject({
          ...pageFields(NUMBER_KEY),
          type: EventPattern.optional(),
          client: ClientId.optional(),
          subject: lineOfText(300).optional(),
        }),
      },
      responses: { ...pageResponse(ListedEventSchema, 'EventPage'), ...problems() },
    }),
    async (c) => {
      const { type, client, subject, ...page } = c.req.valid('query');
      const found = await alerts.events({ type, clientId: client, subject }, pageAsk(page));
      return c.json(pageJson(found, listedEventJson), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/messages',
      operationId: 'listMessages',
      summary: 'Messages to receivers, newest first',
      tags,
      ...anyRole(),
      request: {
        query: z.strictObject({
          ...pageFields(UUID_KEY),
          receiver: RecordId.optional(),
          event: RecordId.optional(),
          state: z.enum(MESSAGE_STATES).optional(),
        }),
      },
      responses: { ...pageResponse(MessageSchema, 'MessagePage'), ...problems() },
    }),
    async (c) => {
      const { receiver, event, state, ...page } = c.req.valid('query');
      const found = await alerts.messages({ receiverId: receiver, eventId: event, state }, pageAsk(page));
      return c.json(pageJson(found, messageJson), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/messages/{messageId}',
      operationId: 'getMessage',
      summary: 'One message with its attempts; attempts are kept for 90 days',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY, params },
      responses: { ...json(200, 'The message.', MessageDetailSchema), ...problems(404) },
    }),
    async (c) => {
      const found = await alerts.message(c.req.valid('param').messageId);
      if (found === null) throw unknownMessage();
      return c.json({ ...messageJson(found), log: found.log.map(loggedAttemptJson) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/messages/{messageId}/resend',
      operationId: 'resendMessage',
      summary:
        'Send a message again with the same id, even if it was sent; the plan of attempts starts again',
      tags,
      ...requires('operator', 'admin'),
      request: { query: NO_QUERY, params },
      responses: { ...json(200, 'Due now.', MessageSchema), ...problems(404, 409) },
    }),
    async (c) => {
      const again = await alerts.resend(c.req.valid('param').messageId, who(c.get('caller')));
      if (again === null) throw unknownMessage();
      if (again === 'receiver_off') throw receiverOff();
      return c.json(messageJson(again), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/receivers/{receiverId}/resend-failed',
      operationId: 'resendFailed',
      summary: 'Send all messages of a receiver again that failed, were given up or were skipped',
      tags,
      ...requires('operator', 'admin'),
      request: {
        query: NO_QUERY,
        params: receiverParams,
        body: jsonBody(
          z
            .strictObject({
              since: TimestampIn.optional().openapi({
                description: 'Only messages made at this time or later. Default: 24 hours ago.',
              }),
            })
            .openapi('ResendSince'),
        ),
      },
      responses: {
        ...json(200, 'Due now.', z.object({ messages: z.int() }).openapi('Resent')),
        ...problems(404, 409, 413, 415),
      },
    }),
    async (c) => {
      const { receiverId } = c.req.valid('param');
      if (!existing(await alerts.receiver(receiverId)).isOn) throw receiverOff();
      const sinceMs = c.req.valid('json').since ?? now() - DAY_MS;
      return c.json({ messages: await alerts.resendFailed(receiverId, sinceMs, who(c.get('caller'))) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/receivers/{receiverId}/test',
      operationId: 'testReceiver',
      summary: 'Send the event `receiver.test` to a receiver by the usual way',
      tags,
      ...requires('operator', 'admin'),
      request: { query: NO_QUERY, params: receiverParams },
      responses: { ...json(201, 'The message, due now.', MessageSchema), ...problems(404, 409) },
    }),
    async (c) => {
      const { receiverId } = c.req.valid('param');
      if (!existing(await alerts.receiver(receiverId)).isOn) throw receiverOff();
      const message = existing(await alerts.testReceiver(receiverId, who(c.get('caller'))));
      return c.json(messageJson(message), 201);
    },
  );
}

function unknownMessage() {
  return fieldProblem(404, 'messageId', 'does not exist', 'see /v1/messages');
}

function receiverOff() {
  return fieldProblem(409, 'receiverId', 'is off', 'switch the receiver on first: PATCH with "isOn": true');
}
