/** The route that moves an identifier, and its usage from a given time, to the client that it belongs to. */

import { createRoute, z } from '@hono/zod-openapi';
import { previewMove } from '../../../callers/move-preview.ts';
import type { MoveRefusal } from '../../../identify/move-refusal.ts';
import { isoTimestamp, isoTimestampOrNull } from '../../../report/timestamp.ts';
import { requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { ClientId, DryRun, NO_QUERY, Reason, TimestampIn, TimestampOut } from '../../fields.ts';
import type { NewMove } from '../../port.ts';
import { fieldProblem, type HttpProblem, problems } from '../../problem.ts';
import { movedEffectFields, movedEffectJson } from '../callers/moved-effect.ts';
import { unknownClient } from '../clients/clients.ts';

const MoveBody = z
  .strictObject({
    to: ClientId.openapi({ description: 'The client that the identifier belongs to.' }),
    from: TimestampIn.openapi({ description: 'Start of the usage to move, rounded up to a whole bucket.' }),
    until: TimestampIn.optional().openapi({
      description:
        'End of the usage to move, rounded down to a whole bucket. Default: the move is permanent and the key or range moves too; for a caller identified by its address, the end is now.',
    }),
    reason: Reason,
    dryRun: DryRun,
  })
  .openapi('NewMove');

export const MoveSchema = z
  .object({
    id: z.int().nullable().openapi({ description: 'null: a dry run.' }),
    identifierId: z.string(),
    fromClient: z.string(),
    toClient: z.string(),
    from: TimestampOut,
    until: TimestampOut.nullable(),
    posts: z.int().openapi({
      description: 'Posts that were in the ledger at the time of the move. Late usage is moved too.',
    }),
    effect: z
      .object(movedEffectFields)
      .nullable()
      .openapi({ description: 'What billing makes of it. null unless it is a dry run.' }),
  })
  .openapi('Move');

export function identifierMoveRoute(app: AdminApp, deps: Pick<AdminDeps, 'store' | 'now' | 'rules'>): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/clients/{clientId}/identifiers/{identifierId}/move',
      operationId: 'moveIdentifier',
      summary: 'Move an identifier and its usage to another client; billing recomputes both',
      tags: ['identifiers'],
      ...requires('operator'),
      request: {
        query: NO_QUERY,
        params: z.object({ clientId: ClientId, identifierId: ClientId }),
        body: jsonBody(MoveBody),
      },
      responses: {
        ...json(200, 'Moved, or the effect that it would have.', MoveSchema),
        ...problems(404, 409, 413, 415),
      },
    }),
    async (c) => {
      const { clientId, identifierId } = c.req.valid('param');
      const { to, from, until, reason, dryRun } = c.req.valid('json');
      const nowMs = deps.now();
      const bucketMs = deps.rules.bucketSeconds * 1000;
      const isAddress = identifierId === clientId;
      const lastMs = until ?? (isAddress ? nowMs : null);
      const move: NewMove = {
        ...{ identifierId, fromClientId: clientId, toClientId: to, reason },
        fromMs: Math.ceil(from / bucketMs) * bucketMs,
        untilMs: lastMs === null ? null : Math.floor(lastMs / bucketMs) * bucketMs,
      };
      validateMove(move, nowMs);
      const who = { actor: c.get('caller').actor, atMs: nowMs };
      const result = dryRun
        ? await deps.store.readMove((snapshot) => previewMove(move, snapshot, deps.rules, nowMs))
        : await deps.store.moveIdentifier(move, who);
      if (result.kind !== 'moved' && result.kind !== 'preview') throw refusalOf(result, move);
      return c.json(
        {
          id: result.kind === 'moved' ? result.id : null,
          ...{ identifierId, fromClient: clientId, toClient: to, posts: result.posts },
          from: isoTimestamp(move.fromMs),
          until: isoTimestampOrNull(move.untilMs),
          effect: result.kind === 'preview' ? movedEffectJson(result) : null,
        },
        200,
      );
    },
  );
}

function validateMove({ fromClientId, toClientId, fromMs, untilMs }: NewMove, nowMs: number): void {
  if (toClientId === fromClientId) {
    throw fieldProblem(400, 'to', 'is the client that already has it', 'name the other client');
  }
  if (fromMs > nowMs) throw fieldProblem(400, 'from', 'is in the future', 'use a time in the past');
  if (untilMs !== null && untilMs <= fromMs) {
    throw fieldProblem(400, 'until', 'leaves no whole bucket after from', 'use a later time');
  }
}

function refusalOf(result: MoveRefusal, move: NewMove): HttpProblem {
  switch (result.kind) {
    case 'unknown_client':
      return unknownClient(move.fromClientId);
    case 'unknown_identifier':
      return fieldProblem(
        404,
        'identifierId',
        'is not an identifier of this client',
        `see /v1/clients/${move.fromClientId}/identifiers; for a caller identified by its address, use the client id`,
      );
    case 'unknown_target':
      return fieldProblem(
        400,
        'to',
        `does not exist: ${move.toClientId}`,
        'see /v1/clients, or create the client',
      );
    case 'address_target':
      return fieldProblem(
        400,
        'to',
        'is identified by its address alone',
        'create a client and move the identifier to it',
        'address_client',
      );
    case 'overlaps':
      return fieldProblem(
        409,
        'identifierId',
        `overlaps ${result.cidr}, which remains with the client ${result.clientId}`,
        'move or revoke that range first',
        'ranges_overlap',
      );
    case 'counts_unique':
      return fieldProblem(
        409,
        'from',
        `is in a period in which the tariff of ${result.clientId} counts unique posts, which are kept per client`,
        'correct the tariff to count deliveries from then on, or use a later time',
        'unique_posts_counted',
      );
  }
}
