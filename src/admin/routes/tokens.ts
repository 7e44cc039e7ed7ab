/** Routes of the tokens of the admin API. A token is shown once, when it is created. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoTimestamp, isoTimestampOrNull } from '../../report/timestamp.ts';
import { anyRole, type Caller, requireRole, requires } from '../auth.ts';
import { json, jsonBody } from '../content.ts';
import type { AdminApp, AdminDeps } from '../deps.ts';
import { ClientId, lineOfText, NO_QUERY, RoleName, TimestampOut } from '../fields.ts';
import { ID_KEY, pageAsk, pageFields, pageJson, pageResponse } from '../paging.ts';
import type { Role, TokenRecord } from '../port.ts';
import { fieldProblem, problems } from '../problem.ts';

const NewToken = z
  .strictObject({ name: lineOfText(100), roles: z.array(RoleName).min(1).max(3) })
  .openapi('NewToken');

const tokenFields = {
  id: z.string(),
  name: z.string(),
  roles: z.array(RoleName),
  createdAt: TimestampOut,
  createdBy: z.string(),
  revokedAt: TimestampOut.nullable(),
};
const TokenSchema = z.object(tokenFields).openapi('Token');
const AddedSchema = z
  .object({ ...tokenFields, token: z.string().openapi({ description: 'Shown only in this response.' }) })
  .openapi('AddedToken');

const tags = ['tokens'];

export function tokenRoutes(
  app: AdminApp,
  deps: Pick<AdminDeps, 'store' | 'now' | 'newId' | 'secrets'>,
): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/tokens',
      operationId: 'listTokens',
      summary: 'Tokens, oldest first, including revoked ones',
      tags,
      ...anyRole(),
      request: { query: z.strictObject(pageFields(ID_KEY)) },
      responses: { ...pageResponse(TokenSchema, 'TokenPage'), ...problems() },
    }),
    async (c) => c.json(pageJson(await deps.store.tokens(pageAsk(c.req.valid('query'))), tokenJson), 200),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/tokens',
      operationId: 'createToken',
      summary: 'Create a token',
      tags,
      ...requires('operator'),
      request: { query: NO_QUERY, body: jsonBody(NewToken) },
      responses: { ...json(201, 'Created.', AddedSchema), ...problems(413, 415) },
    }),
    async (c) => {
      const { name, roles } = c.req.valid('json');
      demandOwnRoles(c.get('caller'), roles);
      const token = deps.secrets.newToken();
      const record = await deps.store.createToken(
        { id: deps.newId(), name, roles: [...new Set(roles)], hash: deps.secrets.hashToken(token) },
        { actor: c.get('caller').actor, atMs: deps.now() },
      );
      return c.json({ ...tokenJson(record), token }, 201);
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/tokens/{tokenId}',
      operationId: 'revokeToken',
      summary: 'Revoke a token; it remains in the list',
      tags,
      ...requires('operator'),
      request: { query: NO_QUERY, params: z.object({ tokenId: ClientId }) },
      responses: { ...json(200, 'Revoked.', TokenSchema), ...problems(404) },
    }),
    async (c) => {
      const who = { actor: c.get('caller').actor, atMs: deps.now() };
      const revoked = await deps.store.revokeToken(c.req.valid('param').tokenId, who);
      if (revoked === null) throw fieldProblem(404, 'tokenId', 'does not exist', 'see /v1/tokens');
      return c.json(tokenJson(revoked), 200);
    },
  );
}

/** Throws a 403 if a role exceeds those of the caller: an operator must not gain finance by creating a token. */
function demandOwnRoles(caller: Caller, roles: readonly Role[]): void {
  for (const role of roles) {
    if (role !== 'viewer') requireRole(caller, [role], `creating a token with the role ${role}`);
  }
}

function tokenJson(token: TokenRecord) {
  const { createdAtMs, revokedAtMs, roles, ...rest } = token;
  return {
    ...rest,
    roles: [...roles],
    createdAt: isoTimestamp(createdAtMs),
    revokedAt: isoTimestampOrNull(revokedAtMs),
  };
}
