/** Routes of the tokens of the admin API. A token is shown once, when it is created. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoTimestamp, isoTimestampOrNull } from '../../report/timestamp.ts';
import { anyRole, type Caller, requireRole, requires } from '../auth.ts';
import { json, jsonBody } from '../content.ts';
import type { AdminApp, AdminDeps } from '../deps.ts';
import { ClientId, lineOfText, NO_QUERY, RoleName, TimestampOut } from '../fields.ts';
import { ID_KEY, pageAsk, pageFields, pageJson, pageResponse } from '../paging.ts';
import { ROLES, type Role, type TokenRecord, type TokenStore } from '../port.ts';
import { fieldProblem, problems } from '../problem.ts';

const NewToken = z
  .strictObject({ name: lineOfText(100), roles: z.array(RoleName).min(1).max(ROLES.length) })
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
const WHO_MAY = 'The role operator suffices until an active token with the role admin exists.';

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
      description: WHO_MAY,
      tags,
      ...requires('admin', 'operator'),
      request: { query: NO_QUERY, body: jsonBody(NewToken) },
      responses: { ...json(201, 'Created.', AddedSchema), ...problems(413, 415) },
    }),
    async (c) => {
      const { name, roles } = c.req.valid('json');
      await demandAdmin(c.get('caller'), deps.store);
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
      description: `${WHO_MAY} The sessions of a revoked token end at once.`,
      tags,
      ...requires('admin', 'operator'),
      request: { query: NO_QUERY, params: z.object({ tokenId: ClientId }) },
      responses: { ...json(200, 'Revoked.', TokenSchema), ...problems(404) },
    }),
    async (c) => {
      await demandAdmin(c.get('caller'), deps.store);
      const who = { actor: c.get('caller').actor, atMs: deps.now() };
      const revoked = await deps.store.revokeToken(c.req.valid('param').tokenId, who);
      if (revoked === null) throw fieldProblem(404, 'tokenId', 'does not exist', 'see /v1/tokens');
      return c.json(tokenJson(revoked), 200);
    },
  );
}

/** Throws a 403 for an operator if tokens are managed by admins. Ledgers from before the role admin have no such token. */
async function demandAdmin(caller: Caller, store: Pick<TokenStore, 'hasAdminToken'>): Promise<void> {
  if (caller.roles.includes('admin') || !(await store.hasAdminToken())) return;
  requireRole(caller, ['admin'], 'managing tokens, because a token with this role exists');
}

/** Throws a 403 if a role exceeds those of the caller: an operator must not gain finance by creating a token. */
function demandOwnRoles(caller: Caller, roles: readonly Role[]): void {
  if (caller.roles.includes('admin')) return;
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
