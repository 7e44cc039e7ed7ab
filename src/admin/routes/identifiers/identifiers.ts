/** Routes of identifiers: the keys and address ranges by which the gateway recognises a client. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoTimestamp, isoTimestampOrNull } from '../../../report/timestamp.ts';
import { anyRole, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { ClientId, NO_QUERY } from '../../fields.ts';
import { canonicalNetwork } from '../../network.ts';
import { ID_KEY, pageAsk, pageFields, pageJson, pageResponse } from '../../paging.ts';
import type { IdentifierRecord, NewIdentifier } from '../../port.ts';
import { faultsProblem, fieldProblem, problems } from '../../problem.ts';
import { existingClient } from '../clients/clients.ts';
import { addedOf } from './identifier-refusal.ts';
import { AddedSchema, IdentifierSchema, NewIdentifierBody } from './identifier-schemas.ts';

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
      summary: 'Identifiers of a client, oldest first, including revoked ones',
      tags,
      ...anyRole(),
      request: { params: clientParams, query: z.strictObject(pageFields(ID_KEY)) },
      responses: { ...pageResponse(IdentifierSchema, 'IdentifierPage'), ...problems(404) },
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
      request: { query: NO_QUERY, params: clientParams, body: jsonBody(NewIdentifierBody) },
      responses: { ...json(201, 'Added.', AddedSchema), ...problems(404, 409, 413, 415) },
    }),
    async (c) => {
      const { clientId } = c.req.valid('param');
      const body = c.req.valid('json');
      const { part, made } = partsOf(body, deps.secrets);
      const result = await deps.store.addIdentifier(
        { id: deps.newId(), clientId, ...part },
        { actor: c.get('caller').actor, atMs: deps.now() },
      );
      const added = addedOf(result, clientId, body.kind === 'cidr' ? 'cidr' : 'key');
      return c.json({ ...identifierJson(added), ...made }, 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/clients/{clientId}/identifiers/{identifierId}',
      operationId: 'revokeIdentifier',
      summary: 'Revoke an identifier; it remains in the list',
      tags,
      ...requires('operator'),
      request: { query: NO_QUERY, params },
      responses: { ...json(200, 'Revoked.', IdentifierSchema), ...problems(404) },
    }),
    async (c) => {
      const { clientId, identifierId } = c.req.valid('param');
      const who = { actor: c.get('caller').actor, atMs: deps.now() };
      const revoked = await deps.store.revokeIdentifier(clientId, identifierId, who);
      if (revoked === null) {
        const hint = `see /v1/clients/${clientId}/identifiers`;
        throw fieldProblem(404, 'identifierId', 'is not an identifier of this client', hint);
      }
      return c.json(identifierJson(revoked), 200);
    },
  );
}

type Part<T> = T extends unknown ? Omit<T, 'id' | 'clientId'> : never;

/** Returns the part that the ledger stores, and the key if one was generated; it is not shown again. */
function partsOf(
  body: z.output<typeof NewIdentifierBody>,
  secrets: AdminDeps['secrets'],
): { part: Part<NewIdentifier>; made?: { key: string } } {
  if (body.kind === 'cidr') {
    const network = canonicalNetwork(body.cidr);
    if (!network.ok) throw faultsProblem([{ field: 'cidr', ...network.fault }]);
    return { part: { kind: 'cidr', cidr: network.cidr } };
  }
  const key = body.key ?? secrets.newKey();
  const part = { kind: 'api_key' as const, keyHash: secrets.hashKey(key), keyHint: key.slice(-4) };
  return body.key === undefined ? { part, made: { key } } : { part };
}

function identifierJson(identifier: IdentifierRecord) {
  const { createdAtMs, revokedAtMs, ...rest } = identifier;
  return { ...rest, createdAt: isoTimestamp(createdAtMs), revokedAt: isoTimestampOrNull(revokedAtMs) };
}
