/** Moves an identifier, and its usage from a moment on, to the client that it belongs to. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoMoment, isoMomentOrNull } from '../../report/moment.ts';
import { requires } from '../auth.ts';
import type { AdminApp, AdminDeps } from '../deps.ts';
import { ClientId, MomentIn, MomentOut, NO_QUERY, Reason } from '../fields.ts';
import type { MoveResult, NewMove } from '../port.ts';
import { fieldProblem, type Problem, problems } from '../problem.ts';
import { unknownClient } from './clients.ts';

const MoveBody = z
  .strictObject({
    to: ClientId.openapi({ description: 'The client that it belongs to.' }),
    from: MomentIn.openapi({ description: 'From when on; cut up to a whole bucket.' }),
    until: MomentIn.optional().openapi({
      description:
        'Until when; cut down to a whole bucket. Left out: for good, and the key or range goes with it; of a caller known by its address until now.',
    }),
    reason: Reason,
  })
  .openapi('NewMove');

const MoveSchema = z
  .object({
    id: z.int(),
    identifierId: z.string(),
    fromClient: z.string(),
    toClient: z.string(),
    from: MomentOut,
    until: MomentOut.nullable(),
    posts: z.int().openapi({ description: 'That were in the ledger. Usage that comes late follows.' }),
  })
  .openapi('Move');

export function identifierMoveRoute(
  app: AdminApp,
  deps: Pick<AdminDeps, 'store' | 'now' | 'bucketSeconds'>,
): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/clients/{clientId}/identifiers/{identifierId}/move',
      operationId: 'moveIdentifier',
      summary: 'Move an identifier and its usage to another client; both are billed anew',
      tags: ['identifiers'],
      ...requires('operator'),
      request: {
        query: NO_QUERY,
        params: z.object({ clientId: ClientId, identifierId: ClientId }),
        body: { required: true, content: { 'application/json': { schema: MoveBody } } },
      },
      responses: {
        200: { description: 'Moved.', content: { 'application/json': { schema: MoveSchema } } },
        ...problems(404, 409, 413, 415),
      },
    }),
    async (c) => {
      const { clientId, identifierId } = c.req.valid('param');
      const { to, from, until, reason } = c.req.valid('json');
      const nowMs = deps.now();
      const bucketMs = deps.bucketSeconds * 1000;
      const isAddress = identifierId === clientId;
      const lastMs = until ?? (isAddress ? nowMs : null);
      const move: NewMove = {
        ...{ identifierId, fromClientId: clientId, toClientId: to, reason },
        fromMs: Math.ceil(from / bucketMs) * bucketMs,
        untilMs: lastMs === null ? null : Math.floor(lastMs / bucketMs) * bucketMs,
      };
      demandSense(move, nowMs);
      const who = { actor: c.get('caller').actor, atMs: nowMs };
      const result = await deps.store.moveIdentifier(move, who);
      if (result.kind !== 'moved') throw refusalOf(result, move);
      return c.json(
        {
          ...{ id: result.id, identifierId, fromClient: clientId, toClient: to, posts: result.posts },
          from: isoMoment(move.fromMs),
          until: isoMomentOrNull(move.untilMs),
        },
        200,
      );
    },
  );
}

function demandSense({ fromClientId, toClientId, fromMs, untilMs }: NewMove, nowMs: number): void {
  if (toClientId === fromClientId) {
    throw fieldProblem(400, 'to', 'is the client that has it', 'name the other client');
  }
  if (fromMs > nowMs) throw fieldProblem(400, 'from', 'lies in the future', 'write a moment that has been');
  if (untilMs !== null && untilMs <= fromMs) {
    throw fieldProblem(400, 'until', 'leaves no whole bucket after from', 'write a later moment');
  }
}

function refusalOf(result: Exclude<MoveResult, { kind: 'moved' }>, move: NewMove): Problem {
  switch (result.kind) {
    case 'unknown_client':
      return unknownClient(move.fromClientId);
    case 'unknown_identifier':
      return fieldProblem(
        404,
        'identifierId',
        'names no identifier of this client',
        `see /v1/clients/${move.fromClientId}/identifiers; of a caller known by its address it is the id of the client`,
      );
    case 'unknown_target':
      return fieldProblem(400, 'to', `names no client: ${move.toClientId}`, 'see /v1/clients, or add it');
    case 'address_target':
      return fieldProblem(
        400,
        'to',
        'is known by its address alone',
        'add a client, and move it to that one',
        'address_client',
      );
    case 'overlaps':
      return fieldProblem(
        409,
        'identifierId',
        `overlaps ${result.cidr}, which stays with the client ${result.clientId}`,
        'move or revoke that one first',
        'ranges_overlap',
      );
    case 'counts_unique':
      return fieldProblem(
        409,
        'from',
        `lies in a time in which the tariff of ${result.clientId} counts unique posts, which are kept per client`,
        'correct the tariff to count deliveries from then on, or move from a later moment',
        'unique_posts_counted',
      );
  }
}
