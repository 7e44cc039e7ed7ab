/** Clients: who is metered and invoiced, and where the invoice goes. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoMoment } from '../../report/moment.ts';
import { isCurrency } from '../../tariff/money.ts';
import { type Caller, demandRole, readers, requires } from '../auth.ts';
import type { AdminApp, AdminDeps } from '../deps.ts';
import { ClientId, lineOfText, linesOfText, MomentOut } from '../fields.ts';
import { ID_KEY, pageAsk, pageFields, pageJson, pageSchema } from '../paging.ts';
import type { ClientRecord, Who } from '../port.ts';
import { fieldProblem, problems } from '../problem.ts';

const NewClientId = z
  .string()
  .refine((id) => !id.startsWith('addr:'), {
    error: 'is reserved for callers known by their address alone',
    params: { mend: 'choose an id that does not begin with addr:' },
    abort: true,
  })
  .refine((id) => /^[a-z0-9][a-z0-9_-]{0,62}$/.test(id), {
    error: 'has the wrong form',
    params: { mend: 'use 1 to 63 of a-z, 0-9, _ and -, beginning with a letter or a digit' },
  })
  .openapi({ pattern: '^[a-z0-9][a-z0-9_-]{0,62}$', example: 'acme' });

const Email = z
  .string()
  .max(254)
  .refine((text) => /^[^\s@\p{Cc}\p{Cs}]{1,64}@[^\s@.\p{Cc}\p{Cs}]+(\.[^\s@.\p{Cc}\p{Cs}]+)+$/u.test(text), {
    error: 'is no e-mail address',
    params: { mend: 'write it as billing@example.com' },
  })
  .openapi({ format: 'email' });

const Currency = z
  .string()
  .refine(isCurrency, {
    error: 'is not a currency of ISO 4217',
    params: { mend: 'write a code of three capitals, such as USD' },
  })
  .openapi({ example: 'USD' });

const BillingIn = z
  .strictObject({
    legalName: lineOfText(200).nullable().optional(),
    address: linesOfText(500).nullable().optional(),
    email: Email.nullable().optional(),
    taxId: lineOfText(64).nullable().optional(),
    currency: Currency.nullable().optional(),
  })
  .openapi('BillingChange', { description: 'What is left out stays; null empties. Needs the role finance.' });

const ClientSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    source: z
      .enum(['operator', 'address'])
      .openapi({ description: 'address: a caller known by its address alone; the ledger made it.' }),
    billing: z.object({
      legalName: z.string().nullable(),
      address: z.string().nullable(),
      email: z.string().nullable(),
      taxId: z.string().nullable(),
      currency: z.string().nullable(),
    }),
    createdAt: MomentOut,
    updatedAt: MomentOut,
  })
  .openapi('Client');

const NewClient = z
  .strictObject({ id: NewClientId.optional(), name: lineOfText(200), billing: BillingIn.optional() })
  .openapi('NewClient');

const ClientChange = z
  .strictObject({ name: lineOfText(200).optional(), billing: BillingIn.optional() })
  .refine((change) => change.name !== undefined || change.billing !== undefined, {
    error: 'changes nothing',
    params: { mend: 'give name or billing' },
  })
  .openapi('ClientChange');

const params = z.object({ clientId: ClientId });
const oneClient = { 'application/json': { schema: ClientSchema } };
const tags = ['clients'];

export function clientRoutes(app: AdminApp, deps: Pick<AdminDeps, 'store' | 'now' | 'newId'>): void {
  const who = (caller: Caller): Who => ({ actor: caller.actor, atMs: deps.now() });

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/clients',
      operationId: 'listClients',
      summary: 'Clients, in the order of their ids',
      tags,
      ...readers(),
      request: { query: z.strictObject(pageFields(ID_KEY)) },
      responses: {
        200: {
          description: 'A page.',
          content: { 'application/json': { schema: pageSchema(ClientSchema, 'ClientPage') } },
        },
        ...problems(),
      },
    }),
    async (c) => c.json(pageJson(await deps.store.clients(pageAsk(c.req.valid('query'))), clientJson), 200),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/clients',
      operationId: 'createClient',
      summary: 'Add a client',
      tags,
      ...requires('operator'),
      request: { body: { required: true, content: { 'application/json': { schema: NewClient } } } },
      responses: { 201: { description: 'Added.', content: oneClient }, ...problems(409, 413, 415) },
    }),
    async (c) => {
      const { id = deps.newId(), name, billing = {} } = c.req.valid('json');
      if (Object.keys(billing).length > 0) demandRole(c.get('caller'), ['finance'], 'billing details');
      const client = await deps.store.createClient({ id, name, billing }, who(c.get('caller')));
      if (client === 'taken') {
        throw fieldProblem(
          409,
          'id',
          `is taken: there is a client ${id}`,
          'choose another, or change that client',
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
      ...readers(),
      request: { params },
      responses: { 200: { description: 'The client.', content: oneClient }, ...problems(404) },
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
      summary: 'Change the name (operator) or the billing details (finance) of a client',
      tags,
      ...requires('operator', 'finance'),
      request: {
        params,
        body: { required: true, content: { 'application/json': { schema: ClientChange } } },
      },
      responses: { 200: { description: 'As it is now.', content: oneClient }, ...problems(404, 413, 415) },
    }),
    async (c) => {
      const { clientId } = c.req.valid('param');
      const change = c.req.valid('json');
      if (change.name !== undefined) demandRole(c.get('caller'), ['operator'], 'the name of a client');
      if (change.billing !== undefined) demandRole(c.get('caller'), ['finance'], 'billing details');
      const client = await deps.store.patchClient(clientId, change, who(c.get('caller')));
      if (client === null) throw unknownClient(clientId);
      return c.json(clientJson(client), 200);
    },
  );
}

/** Throws the 404 of a client that is not there. */
export async function existingClient(store: AdminDeps['store'], clientId: string): Promise<ClientRecord> {
  const client = await store.client(clientId);
  if (client === null) throw unknownClient(clientId);
  return client;
}

export function unknownClient(clientId: string) {
  return fieldProblem(404, 'clientId', `names no client: ${clientId}`, 'see /v1/clients for those there are');
}

function clientJson(client: ClientRecord) {
  const { createdAtMs, updatedAtMs, ...rest } = client;
  return { ...rest, createdAt: isoMoment(createdAtMs), updatedAt: isoMoment(updatedAtMs) };
}
