/** Routes of the sessions of the console. Callers see and end their own sessions, admins those of everybody. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoTimestamp } from '../../report/timestamp.ts';
import { anyRole, type Caller } from '../auth.ts';
import { json } from '../content.ts';
import type { AdminApp, AdminDeps } from '../deps.ts';
import { NO_QUERY, RecordId, RoleName, TimestampOut } from '../fields.ts';
import { pageAsk, pageFields, pageJson, pageResponse, UUID_KEY } from '../paging.ts';
import { fieldProblem, problems } from '../problem.ts';
import type { SessionRecord, SessionScope } from '../sessions/port.ts';

const SessionSchema = z
  .object({
    id: RecordId,
    actor: z.string().openapi({ description: 'The token that signed in, as the audit log names it.' }),
    roles: z.array(RoleName),
    peer: z.string().openapi({ description: 'The address that signed in.' }),
    startedAt: TimestampOut,
    seenAt: TimestampOut.openapi({ description: 'The latest request, at most a minute late.' }),
    expiresAt: TimestampOut,
    isCurrent: z.boolean().openapi({ description: 'True for the session of this request.' }),
  })
  .openapi('Session');
const EndedSchema = z.object({ ended: z.int().min(0) }).openapi('EndedSessions');

export type SessionJson = z.infer<typeof SessionSchema>;

const tags = ['sessions'];
type Deps = Pick<AdminDeps, 'sessions' | 'sessionLimits' | 'now'>;

export function sessionRoutes(app: AdminApp, deps: Deps): void {
  const inForce = (actor: string | null): SessionScope => {
    const nowMs = deps.now();
    return { nowMs, idleSinceMs: nowMs - deps.sessionLimits.idleMs, actor };
  };
  const visibleTo = (caller: Caller) => inForce(caller.roles.includes('admin') ? null : caller.actor);

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/sessions',
      operationId: 'listSessions',
      summary: 'Sessions of the console in force, newest first',
      description: 'Own sessions; for an admin, those of everybody.',
      tags,
      ...anyRole(),
      request: { query: z.strictObject(pageFields(UUID_KEY)) },
      responses: { ...pageResponse(SessionSchema, 'SessionPage'), ...problems() },
    }),
    async (c) => {
      const caller = c.get('caller');
      const found = await deps.sessions.sessions(visibleTo(caller), pageAsk(c.req.valid('query')));
      return c.json(
        pageJson(found, (session) => sessionJson(session, caller)),
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/sessions/{sessionId}',
      operationId: 'endSession',
      summary: 'End a session at once',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY, params: z.object({ sessionId: RecordId }) },
      responses: { ...json(200, 'Ended.', SessionSchema), ...problems(404) },
    }),
    async (c) => {
      const caller = c.get('caller');
      const who = { actor: caller.actor, atMs: deps.now() };
      const ended = await deps.sessions.endSession(c.req.valid('param').sessionId, visibleTo(caller), who);
      if (ended === null) throw fieldProblem(404, 'sessionId', 'does not exist', 'see /v1/sessions');
      return c.json(sessionJson(ended, caller), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'delete',
      path: '/v1/sessions',
      operationId: 'endOwnSessions',
      summary: 'End all sessions of the caller',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY },
      responses: { ...json(200, 'Ended.', EndedSchema), ...problems() },
    }),
    async (c) => {
      const { actor } = c.get('caller');
      const ended = await deps.sessions.endSessions(inForce(actor), { actor, atMs: deps.now() });
      return c.json({ ended }, 200);
    },
  );
}

function sessionJson(session: SessionRecord, caller: Caller) {
  return {
    id: session.id,
    actor: session.actor,
    roles: [...session.roles],
    peer: session.peer,
    startedAt: isoTimestamp(session.startedAtMs),
    seenAt: isoTimestamp(session.seenAtMs),
    expiresAt: isoTimestamp(session.expiresAtMs),
    isCurrent: session.id === caller.sessionId,
  };
}
