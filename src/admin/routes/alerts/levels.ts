/** Routes of the levels at which events of rising totals are written. */

import { createRoute, z } from '@hono/zod-openapi';
import { DEFAULT_LEVELS } from '../../../notify/levels.ts';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { anyRole, type Caller, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { ClientId, NO_QUERY, TimestampOut } from '../../fields.ts';
import { ID_KEY, pageAsk, pageFields, pageJson, pageResponse } from '../../paging.ts';
import { problems } from '../../problem.ts';
import { unknownClient } from '../clients/clients.ts';

const MAX_LEVELS = 10;
const levels = z
  .array(z.int().min(1).max(1000))
  .max(MAX_LEVELS)
  .openapi({
    description:
      'In percent of the threshold. Each is reported when the total rises over it, and again only after the total was ten points below it. []: none.',
    example: [80, 95, 100],
  });
const LevelsBody = z
  .strictObject({
    levels: levels.nullable().openapi({ description: 'null: return to the default.' }),
  })
  .openapi('LevelsChange');
export const DefaultLevels = z
  .object({ levels: z.array(z.int()), isSet: z.boolean() })
  .openapi('DefaultLevels');
export const OwnLevels = z
  .object({ clientId: z.string(), levels: z.array(z.int()), setAt: TimestampOut, setBy: z.string() })
  .openapi('OwnLevels');
const ClientLevels = z
  .object({
    levels: z.array(z.int()),
    isOwn: z.boolean().openapi({ description: 'false: the default applies.' }),
    reached: z.array(z.object({ level: z.int(), since: TimestampOut })),
  })
  .openapi('ClientLevels');

const tags = ['alerts'];
const params = z.object({ clientId: ClientId });
const body = jsonBody(LevelsBody);

export function levelRoutes(app: AdminApp, { alerts, now }: Pick<AdminDeps, 'alerts' | 'now'>): void {
  const who = (caller: Caller) => ({ actor: caller.actor, atMs: now() });
  const general = async () => {
    const found = await alerts.defaultLevels();
    return { levels: [...(found?.levels ?? DEFAULT_LEVELS)], isSet: found !== null };
  };
  const ofClient = async (clientId: string) => {
    const found = await alerts.levelsOf(clientId);
    if (found === null) throw unknownClient(clientId);
    return {
      levels: [...(found.own?.levels ?? (await general()).levels)],
      isOwn: found.own !== null,
      reached: found.reached.map(({ level, sinceMs }) => ({ level, since: isoTimestamp(sinceMs) })),
    };
  };

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/levels',
      operationId: 'getDefaultLevels',
      summary: 'The levels of clients without levels of their own',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY },
      responses: { ...json(200, 'The levels.', DefaultLevels), ...problems() },
    }),
    async (c) => c.json(await general(), 200),
  );

  app.openapi(
    createRoute({
      method: 'put',
      path: '/v1/levels',
      operationId: 'setDefaultLevels',
      summary: 'Set the default levels',
      tags,
      ...requires('operator', 'admin'),
      request: { query: NO_QUERY, body },
      responses: { ...json(200, 'Set.', DefaultLevels), ...problems(413, 415) },
    }),
    async (c) => {
      await alerts.setLevels(null, ordered(c.req.valid('json').levels), who(c.get('caller')));
      return c.json(await general(), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/client-levels',
      operationId: 'listOwnLevels',
      summary: 'Clients with levels of their own, by id',
      tags,
      ...anyRole(),
      request: { query: z.strictObject(pageFields(ID_KEY)) },
      responses: { ...pageResponse(OwnLevels, 'OwnLevelsPage'), ...problems() },
    }),
    async (c) => {
      const page = await alerts.ownLevels(pageAsk(c.req.valid('query')));
      return c.json(
        pageJson(page, ({ clientId, levels, setAtMs, setBy }) => ({
          ...{ clientId, setBy },
          levels: [...levels],
          setAt: isoTimestamp(setAtMs),
        })),
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/clients/{clientId}/levels',
      operationId: 'getClientLevels',
      summary: 'The levels of a client, and those that its total has reached',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY, params },
      responses: { ...json(200, 'The levels.', ClientLevels), ...problems(404) },
    }),
    async (c) => c.json(await ofClient(c.req.valid('param').clientId), 200),
  );

  app.openapi(
    createRoute({
      method: 'put',
      path: '/v1/clients/{clientId}/levels',
      operationId: 'setClientLevels',
      summary: 'Set levels of a client of its own, or return to the default',
      tags,
      ...requires('operator', 'admin'),
      request: { query: NO_QUERY, params, body },
      responses: { ...json(200, 'Set.', ClientLevels), ...problems(404, 413, 415) },
    }),
    async (c) => {
      const { clientId } = c.req.valid('param');
      await ofClient(clientId);
      await alerts.setLevels(clientId, ordered(c.req.valid('json').levels), who(c.get('caller')));
      return c.json(await ofClient(clientId), 200);
    },
  );
}

function ordered(found: readonly number[] | null): number[] | null {
  return found === null ? null : [...new Set(found)].sort((a, b) => a - b);
}
