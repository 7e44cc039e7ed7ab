/** Routes of the receivers of alerts: webhooks, chats and mailboxes. */

import { createRoute, z } from '@hono/zod-openapi';
import { urlFault } from '../../../notify/address-rules.ts';
import { CLIENT_EVENTS, isMailKind, mayTellClient, type ReceiverKind } from '../../../notify/receiver.ts';
import { type ReceiverSecrets, ROTATION_MS, rotated, shownAddress } from '../../../notify/sealed.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import type { NewReceiver } from '../../alerts-port.ts';
import { anyRole, type Caller, requires } from '../../auth.ts';
import { definedOf, json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { NO_QUERY, RecordId } from '../../fields.ts';
import { pageAsk, pageFields, pageJson, pageResponse, UUID_KEY } from '../../paging.ts';
import { fieldProblem, problems } from '../../problem.ts';
import {
  AddedReceiverSchema,
  NewReceiverBody,
  ReceiverChange,
  ReceiverSchema,
  RotatedSchema,
  receiverJson,
} from './receiver-schemas.ts';

const tags = ['alerts'];
const params = z.object({ receiverId: RecordId });
const path = '/v1/receivers/{receiverId}';

export type ReceiverDeps = Pick<AdminDeps, 'alerts' | 'sealer' | 'receivers' | 'secrets' | 'now' | 'newId'>;

export function receiverRoutes(app: AdminApp, deps: ReceiverDeps): void {
  const { alerts, sealer, receivers: rules } = deps;
  const who = (caller: Caller) => ({ actor: caller.actor, atMs: deps.now() });

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/receivers',
      operationId: 'listReceivers',
      summary: 'Receivers of alerts, oldest first',
      tags,
      ...anyRole(),
      request: { query: z.strictObject(pageFields(UUID_KEY)) },
      responses: { ...pageResponse(ReceiverSchema, 'ReceiverPage'), ...problems() },
    }),
    async (c) => {
      const page = await alerts.receivers(pageAsk(c.req.valid('query')));
      return c.json(
        pageJson(page, (one) => receiverJson(one, rules)),
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/receivers',
      operationId: 'createReceiver',
      summary: 'Add a receiver of alerts',
      tags,
      ...requires('operator', 'admin'),
      request: { query: NO_QUERY, body: jsonBody(NewReceiverBody) },
      responses: { ...json(201, 'Added.', AddedReceiverSchema), ...problems(413, 415) },
    }),
    async (c) => {
      const { address, clients: clientIds, ...given } = c.req.valid('json');
      const rest = { ...given, events: given.events ?? (given.kind === 'client' ? CLIENT_EVENTS : ['*']) };
      demandAddress(rest.kind, address, deps);
      demandOwnEvents({ ...rest, clientIds });
      const id = deps.newId();
      const secret = rest.kind === 'webhook' ? deps.secrets.newSigningSecret() : null;
      const signing = secret === null ? [] : [{ text: secret, validUntilMs: null }];
      const sealed = await sealer.seal(id, JSON.stringify({ address, signing } satisfies ReceiverSecrets));
      const settings = { ...rest, id, clientIds, isOn: true, sealed, shownAddress: shownAddress(address) };
      const added = await alerts.addReceiver(settings, who(c.get('caller')));
      return c.json({ ...receiverJson(added, rules), secret }, 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path,
      operationId: 'getReceiver',
      summary: 'One receiver',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY, params },
      responses: { ...json(200, 'The receiver.', ReceiverSchema), ...problems(404) },
    }),
    async (c) =>
      c.json(receiverJson(existing(await alerts.receiver(c.req.valid('param').receiverId)), rules), 200),
  );

  app.openapi(
    createRoute({
      method: 'patch',
      path,
      operationId: 'changeReceiver',
      summary: 'Change a receiver; omitted fields keep their values',
      tags,
      ...requires('operator', 'admin'),
      request: { query: NO_QUERY, params, body: jsonBody(ReceiverChange) },
      responses: { ...json(200, 'Changed.', ReceiverSchema), ...problems(404, 413, 415) },
    }),
    async (c) => {
      const { address, clients, ...change } = c.req.valid('json');
      const changed = await alerts.changeReceiver(
        c.req.valid('param').receiverId,
        'receiver.changed',
        async (now) => {
          const next = {
            ...now,
            ...definedOf(change),
            ...(clients === undefined ? {} : { clientIds: clients }),
            ...(address === undefined ? {} : await movedTo(address, now, deps)),
          };
          demandOwnEvents(next);
          return next;
        },
        who(c.get('caller')),
      );
      return c.json(receiverJson(existing(changed), rules), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path,
      operationId: 'removeReceiver',
      summary: 'Remove a receiver; its messages stay in the log, and those that wait are skipped',
      tags,
      ...requires('operator', 'admin'),
      request: { query: NO_QUERY, params },
      responses: { ...json(200, 'Removed.', ReceiverSchema), ...problems(404) },
    }),
    async (c) => {
      const removed = await alerts.removeReceiver(c.req.valid('param').receiverId, who(c.get('caller')));
      return c.json(receiverJson(existing(removed), rules), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: `${path}/rotate`,
      operationId: 'rotateReceiverSecret',
      summary: 'Give a webhook a new secret; for 24 hours messages have the signatures of both',
      tags,
      ...requires('operator', 'admin'),
      request: { query: NO_QUERY, params },
      responses: { ...json(200, 'Rotated.', RotatedSchema), ...problems(404, 409) },
    }),
    async (c) => {
      const secret = deps.secrets.newSigningSecret();
      const by = who(c.get('caller'));
      const rotate = async (now: NewReceiver) => {
        demandWebhook(now.kind);
        const secrets = await secretsOf(now, deps);
        return {
          ...now,
          sealed: await sealer.seal(now.id, JSON.stringify(rotated(secrets, secret, by.atMs))),
        };
      };
      existing(await alerts.changeReceiver(c.req.valid('param').receiverId, 'receiver.rotated', rotate, by));
      return c.json({ secret, previousValidUntil: isoTimestamp(by.atMs + ROTATION_MS) }, 200);
    },
  );
}

export function existing<T>(found: T | null): T {
  if (found === null) throw fieldProblem(404, 'receiverId', 'does not exist', 'see /v1/receivers');
  return found;
}

function demandWebhook(kind: ReceiverKind): void {
  if (kind === 'webhook') return;
  const hint = kind === 'chat' ? 'change its address instead' : 'mail has no secret';
  throw fieldProblem(409, 'receiverId', `is a receiver of the kind ${kind}, which is not signed`, hint);
}

/** A client gets events of itself alone, and only those that it may know. */
function demandOwnEvents({
  kind,
  events,
  clientIds,
}: Pick<NewReceiver, 'kind' | 'events' | 'clientIds'>): void {
  if (kind !== 'client') return;
  if (clientIds?.length !== 1) {
    throw fieldProblem(
      400,
      'clients',
      'must name one client for this kind',
      'name the client that owns the mailbox',
    );
  }
  const other = events.find((pattern) => !mayTellClient(pattern));
  if (other !== undefined) {
    const hint = `use some of ${CLIENT_EVENTS.join(', ')}`;
    throw fieldProblem(400, 'events', `contains ${other}, which a client may not have`, hint);
  }
}

/** A name is resolved, and its addresses are checked, at each attempt. */
function demandAddress(kind: ReceiverKind, address: string, { receivers }: ReceiverDeps): void {
  if (isMailKind(kind)) {
    if (/^[^\s@<>",;:]+@[^\s@<>",;:]+$/.test(address) && address.length <= 254) return;
    throw fieldProblem(400, 'address', 'is not a mailbox', 'use one such as finance@example.com');
  }
  const fault = urlFault(address, receivers);
  if (fault !== null) throw fieldProblem(400, 'address', fault.reason, fault.hint);
}

async function movedTo(address: string, now: NewReceiver, deps: ReceiverDeps) {
  demandAddress(now.kind, address, deps);
  const secrets: ReceiverSecrets = { ...(await secretsOf(now, deps)), address };
  return {
    shownAddress: shownAddress(address),
    sealed: await deps.sealer.seal(now.id, JSON.stringify(secrets)),
  };
}

/** Secrets that another POSTMETER_SECRET encrypted are lost. */
async function secretsOf(now: NewReceiver, { sealer }: ReceiverDeps): Promise<ReceiverSecrets> {
  try {
    return JSON.parse(await sealer.open(now.id, now.sealed));
  } catch {
    throw fieldProblem(
      409,
      'receiverId',
      'was encrypted with another POSTMETER_SECRET',
      'remove the receiver and add it again, or start Postmeter with the earlier secret',
    );
  }
}
