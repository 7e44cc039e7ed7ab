/** Identifiers: the keys and address ranges by which a client's requests are recognised. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoMoment, isoMomentOrNull } from '../../report/moment.ts';
import { readers, requires } from '../auth.ts';
import type { AdminApp, AdminDeps } from '../deps.ts';
import { ClientId, MomentOut } from '../fields.ts';
import { canonicalNetwork } from '../network.ts';
import { ID_KEY, pageAsk, pageFields, pageJson, pageSchema } from '../paging.ts';
import type { AddIdentifierResult, IdentifierRecord, NewIdentifier } from '../port.ts';
import { faultsProblem, fieldProblem, problems } from '../problem.ts';
import { existingClient, unknownClient } from './clients.ts';

/** Visible ASCII: a key travels in a header. Under 16 characters could be guessed. */
const ExistingKey = z
  .string()
  .min(16)
  .max(512)
  .refine((key) => /^[\x21-\x7e]*$/.test(key), {
    error: 'has characters in it that no header carries',
    params: { mend: 'send the key as clients send it: visible ASCII without blanks' },
  });

const NewIdentifierBody = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('api_key'),
      key: ExistingKey.optional().openapi({
        description:
          'A key that the client has already. Left out: one is made, and shown in this answer alone.',
      }),
    }),
    z.strictObject({
      kind: z.literal('cidr'),
      cidr: z.string().max(64).openapi({ example: '203.0.113.0/24' }),
    }),
  ])
  .openapi('NewIdentifier');

const identifierFields = {
  id: z.string(),
  clientId: z.string(),
  kind: z.enum(['api_key', 'cidr']),
  cidr: z.string().nullable(),
  keyHint: z.string().nullable().openapi({ description: 'The last four characters of the key.' }),
  createdAt: MomentOut,
  revokedAt: MomentOut.nullable(),
};
const IdentifierSchema = z.object(identifierFields).openapi('Identifier');
const AddedSchema = z
  .object({
    ...identifierFields,
    key: z.string().optional().openapi({ description: 'The key that was made. It is never shown again.' }),
  })
  .openapi('AddedIdentifier');

const clientParams = z.object({ clientId: ClientId });
const params = clientParams.extend({ identifierId: ClientId });
const tags = ['identifiers'];

export function identifierRoutes(
  app: AdminApp,
  deps: Pick<AdminDeps, 'store' | 'now' | 'newId' | 'secrets'>,
): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/clients/{clientId}/identifiers',
      operationId: 'listIdentifiers',
      summary: 'Identifiers of a client, oldest first, revoked ones too',
      tags,
      ...readers(),
      request: { params: clientParams, query: z.strictObject(pageFields(ID_KEY)) },
      responses: {
        200: {
          description: 'A page.',
          content: { 'application/json': { schema: pageSchema(IdentifierSchema, 'IdentifierPage') } },
        },
        ...problems(404),
      },
    }),
    async (c) => {
      const { id } = await existingClient(deps.store, c.req.valid('param').clientId);
      const page = await deps.store.identifiers(id, pageAsk(c.req.valid('query')));
      return c.json(pageJson(page, identifierJson), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/clients/{clientId}/identifiers',
      operationId: 'addIdentifier',
      summary: 'Add a key or an address range to a client',
      tags,
      ...requires('operator'),
      request: {
        params: clientParams,
        body: { required: true, content: { 'application/json': { schema: NewIdentifierBody } } },
      },
      responses: {
        201: { description: 'Added.', content: { 'application/json': { schema: AddedSchema } } },
        ...problems(404, 409, 413, 415),
      },
    }),
    async (c) => {
      const { clientId } = c.req.valid('param');
      const body = c.req.valid('json');
      const made = body.kind === 'api_key' && body.key === undefined ? deps.secrets.newKey() : undefined;
      const part = body.kind === 'cidr' ? networkPart(body.cidr) : keyPart(deps, body.key ?? made ?? '');
      const result = await deps.store.addIdentifier(
        { id: deps.newId(), clientId, ...part },
        { actor: c.get('caller').actor, atMs: deps.now() },
      );
      const added = addedOf(result, clientId, body.kind === 'cidr' ? 'cidr' : 'key');
      return c.json({ ...identifierJson(added), ...(made === undefined ? {} : { key: made }) }, 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/clients/{clientId}/identifiers/{identifierId}',
      operationId: 'revokeIdentifier',
      summary: 'Revoke an identifier; it stays in the list',
      tags,
      ...requires('operator'),
      request: { params },
      responses: {
        200: { description: 'Revoked.', content: { 'application/json': { schema: IdentifierSchema } } },
        ...problems(404),
      },
    }),
    async (c) => {
      const { clientId, identifierId } = c.req.valid('param');
      const who = { actor: c.get('caller').actor, atMs: deps.now() };
      const revoked = await deps.store.revokeIdentifier(clientId, identifierId, who);
      if (revoked === null) {
        const mend = `see /v1/clients/${clientId}/identifiers`;
        throw fieldProblem(404, 'identifierId', 'names no identifier of this client', mend);
      }
      return c.json(identifierJson(revoked), 200);
    },
  );
}

type Part<T> = T extends unknown ? Omit<T, 'id' | 'clientId'> : never;

function keyPart({ secrets }: Pick<AdminDeps, 'secrets'>, key: string): Part<NewIdentifier> {
  return { kind: 'api_key', keyHash: secrets.hashKey(key), keyHint: key.slice(-4) };
}

function networkPart(text: string): Part<NewIdentifier> {
  const network = canonicalNetwork(text);
  if (!network.ok) throw faultsProblem([{ field: 'cidr', ...network.fault }]);
  return { kind: 'cidr', cidr: network.cidr };
}

function addedOf(result: AddIdentifierResult, clientId: string, field: 'key' | 'cidr'): IdentifierRecord {
  switch (result.kind) {
    case 'added':
      return result.identifier;
    case 'unknown_client':
      throw unknownClient(clientId);
    case 'address_client':
      throw fieldProblem(
        409,
        'clientId',
        'is a caller known by its address alone',
        'add a client, and give the address range to that one',
      );
    case 'taken':
      throw fieldProblem(
        409,
        field,
        `belongs to the client ${result.clientId} already`,
        'revoke it there first, or use another',
      );
    case 'overlaps':
      throw fieldProblem(
        409,
        field,
        `overlaps ${result.cidr} of the client ${result.clientId}`,
        'choose ranges apart from each other, or revoke that one first',
      );
  }
}

function identifierJson(identifier: IdentifierRecord) {
  const { createdAtMs, revokedAtMs, ...rest } = identifier;
  return { ...rest, createdAt: isoMoment(createdAtMs), revokedAt: isoMomentOrNull(revokedAtMs) };
}
