/** Routes of clients: the parties that are metered and invoiced, with their billing details. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { anyRole, type Caller, requireRole, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { ClientId, NO_QUERY } from '../../fields.ts';
import type { Actor, ClientRecord } from '../../port.ts';
import { faultsProblem, fieldProblem, problems } from '../../problem.ts';
import { ClientChange, ClientSchema, NewClientSchema } from './client-schemas.ts';

const params = z.object({ clientId: ClientId });
const tags = ['clients'];

export function clientRoutes(app: AdminApp, deps: Pick<AdminDeps, 'store' | 'now' | 'newId'>): void {
  const who = (caller: Caller): Actor => ({ actor: caller.actor, atMs: deps.now() });

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/clients',
      operationId: 'createClient',
      summary: 'Add a client',
      tags,
      ...requires('operator'),
      request: { query: NO_QUERY, body: jsonBody(NewClientSchema) },
      responses: { ...json(201, 'Added.', ClientSchema), ...problems(409, 413, 415) },
    }),
    async (c) => {
      const { id = deps.newId(), name, billing = {}, askerClass = null } = c.req.valid('json');
      if (Object.keys(billing).length > 0) requireRole(c.get('caller'), ['finance'], 'billing details');
      const client = await deps.store.createClient({ id, name, billing, askerClass }, who(c.get('caller')));
      if (client === 'taken') {
        throw fieldProblem(
          409,
          'id',
          `is taken: client ${id} already exists`,
          'choose another id, or change that client',
          'already_exists',
        );
      }
      return c.json(clientJson(client), 201, { location: `/v1/clients/${encodeURIComponent(id)}` });
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/clients/{clientId}',
      operationId: 'getClient',
      summary: 'One client',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY, params },
      responses: { ...json(200, 'The client.', ClientSchema), ...problems(404) },
    }),
    async (c) => {
      const { clientId } = c.req.valid('param');
      return c.json(clientJson(await existingClient(deps.store, clientId)), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'patch',
      path: '/v1/clients/{clientId}',
      operationId: 'changeClient',
      summary:
        'Change the name or class (operator), or the billing details and buyer settings (finance) of a client',
      tags,
      ...requires('operator', 'finance'),
      request: { query: NO_QUERY, params, body: jsonBody(ClientChange) },
      responses: { ...json(200, 'The updated client.', ClientSchema), ...problems(404, 413, 415) },
    }),
    async (c) => {
      const { clientId } = c.req.valid('param');
      const change = c.req.valid('json');
      if (change.name !== undefined) requireRole(c.get('caller'), ['operator'], 'the name of a client');
      if (change.askerClass !== undefined)
        requireRole(c.get('caller'), ['operator'], 'the class of a client');
      if (change.billing !== undefined) requireRole(c.get('caller'), ['finance'], 'billing details');
      if (change.buyer !== undefined) requireRole(c.get('caller'), ['finance'], 'settings of a buyer');
      const client = await deps.store.patchClient(clientId, change, who(c.get('caller')));
      if (client === null) throw unknownClient(clientId);
      if ('faults' in client) throw faultsProblem(client.faults);
      return c.json(clientJson(client), 200);
    },
  );
}

/** Returns the client, or throws a 404 if it does not exist. */
export async function existingClient(store: AdminDeps['store'], clientId: string): Promise<ClientRecord> {
  const client = await store.client(clientId);
  if (client === null) throw unknownClient(clientId);
  return client;
}

export function unknownClient(clientId: string) {
  return fieldProblem(404, 'clientId', `does not exist: ${clientId}`, 'see /v1/clients');
}

export function clientJson(client: ClientRecord) {
  const { createdAtMs, updatedAtMs, ...rest } = client;
  return { ...rest, createdAt: isoTimestamp(createdAtMs), updatedAt: isoTimestamp(updatedAtMs) };
}
