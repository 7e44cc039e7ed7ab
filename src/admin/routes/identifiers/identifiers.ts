/** Routes of identifiers: the keys, address ranges and agents by which the gateway recognises a client. */

import { createRoute, z } from '@hono/zod-openapi';
import { signerKey } from '../../../identify/asker/catalogue/catalogue.ts';
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
import {
  AddedSchema,
  IdentifierSchema,
  ListedIdentifierSchema,
  NewIdentifierBody,
} from './identifier-schemas.ts';

const clientParams = z.object({ clientId: ClientId });
const params = clientParams.extend({ identifierId: ClientId });
const tags = ['identifiers'];
const DAY_MS = 86_400_000;

export function identifierRoutes(
  app: AdminApp,
  deps: Pick<AdminDeps, 'store' | 'now' | 'newId' | 'secrets' | 'catalogue'>,
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
      responses: { ...pageResponse(ListedIdentifierSchema, 'IdentifierPage'), ...problems(404) },
    }),
    async (c) => {
      const { id } = await existingClient(deps.store, c.req.valid('param').clientId);
      const nowMs = deps.now();
      const [page, posts] = await Promise.all([
        deps.store.identifiers(id, pageAsk(c.req.valid('query'))),
        deps.store.postsByIdentifier(id, nowMs - DAY_MS, nowMs),
      ]);
      return c.json(
        pageJson(page, (one) => ({ ...identifierJson(one), ...lastDayOf(one.id, posts) })),
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/clients/{clientId}/identifiers',
      operationId: 'addIdentifier',
      summary: 'Add a key, an address range or an agent to a client',
      tags,
      ...requires('operator'),
      request: { query: NO_QUERY, params: clientParams, body: jsonBody(NewIdentifierBody) },
      responses: { ...json(201, 'Added.', AddedSchema), ...problems(404, 409, 413, 415) },
    }),
    async (c) => {
      const { clientId } = c.req.valid('param');
      const body = c.req.valid('json');
      const { part, made } = partsOf(body, deps);
      const result = await deps.store.addIdentifier(
        { id: deps.newId(), clientId, ...part },
        { actor: c.get('caller').actor, atMs: deps.now() },
      );
      const added = addedOf(result, clientId, FIELDS[body.kind]);
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

/** The field of the body that names the identifier. */
const FIELDS = { api_key: 'key', cidr: 'cidr', agent: 'agent' } as const;

type Part<T> = T extends unknown ? Omit<T, 'id' | 'clientId'> : never;

/** Returns the part that the ledger stores, and the key if one was generated; it is not shown again. */
function partsOf(
  body: z.output<typeof NewIdentifierBody>,
  { secrets, catalogue }: Pick<AdminDeps, 'secrets' | 'catalogue'>,
): { part: Part<NewIdentifier>; made?: { key: string } } {
  if (body.kind === 'cidr') {
    const network = canonicalNetwork(body.cidr);
    if (!network.ok) throw faultsProblem([{ field: 'cidr', ...network.fault }]);
    return { part: { kind: 'cidr', cidr: network.cidr } };
  }
  if (body.kind === 'agent') return { part: { kind: 'agent', agent: knownAgent(body.agent, catalogue) } };
  const key = body.key ?? secrets.newKey();
  const part = { kind: 'api_key' as const, keyHash: secrets.hashKey(key), keyHint: key.slice(-4) };
  return body.key === undefined ? { part, made: { key } } : { part };
}

/** Returns the token as the catalogue spells it, or the normal form of the URL of a signer. */
function knownAgent(text: string, catalogue: AdminDeps['catalogue']): string {
  if (/^https:\/\//i.test(text) && URL.canParse(text)) return signerKey(text);
  const agent = catalogue.byToken(text);
  if (agent !== undefined && agent.isRobotsOnly !== true) return agent.token;
  throw faultsProblem([
    {
      field: 'agent',
      reason: 'is neither an agent of the catalogue nor an https:// URL',
      hint: 'write a token such as GPTBot, add the agent to agents.catalogue, or write the URL of its signer',
    },
  ]);
}

function lastDayOf(id: string, posts: ReadonlyMap<string, number>) {
  const all = [...posts.values()].reduce((sum, one) => sum + one, 0);
  const own = posts.get(id) ?? 0;
  return { postsLastDay: own, shareLastDay: all === 0 ? null : Number((own / all).toFixed(6)) };
}

function identifierJson(identifier: IdentifierRecord) {
  const { createdAtMs, revokedAtMs, ...rest } = identifier;
  return { ...rest, createdAt: isoTimestamp(createdAtMs), revokedAt: isoTimestampOrNull(revokedAtMs) };
}
