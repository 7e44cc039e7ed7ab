/** Routes that name unknown callers as one client with back-dating, show the effect before, and undo it. */

import { createRoute, z } from '@hono/zod-openapi';
import { type PromotionContext, promoteCallers, undoPromotion } from '../../../callers/promote.ts';
import type { PromotionAsked } from '../../../callers/promotion-port.ts';
import { ownRange } from '../../../callers/ranges.ts';
import { isCallerId } from '../../../identify/address.ts';
import { isCaller } from '../../../meter/client-id.ts';
import { anyRole, type Caller, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { NO_QUERY, RecordId } from '../../fields.ts';
import { canonicalNetwork } from '../../network.ts';
import { pageAsk, pageFields, pageJson, pageResponse, UUID_KEY } from '../../paging.ts';
import { faultsProblem, fieldProblem, HttpProblem, problems } from '../../problem.ts';
import { promotionProblem } from './promotion-refusal.ts';
import {
  PromotionBody,
  PromotionResultSchema,
  PromotionSchema,
  promotionJson,
  resultJson,
  UndoBody,
} from './promotion-schemas.ts';

/** A range is in use everywhere within this time: 1 s on Node, 30 s at the edge. Usage until then moves too. */
const RANGES_IN_USE_MS = 60_000;
const tags = ['callers'];

type Deps = Pick<AdminDeps, 'promotions' | 'now' | 'rules'>;

export function promotionRoutes(app: AdminApp, deps: Deps): void {
  const contextOf = (caller: Caller, isPreview: boolean): PromotionContext => ({
    ...{ books: deps.promotions, rules: deps.rules, isPreview },
    who: { actor: caller.actor, atMs: deps.now() },
  });

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/callers/promote',
      operationId: 'promoteCallers',
      summary:
        'Name unknown callers as one client; their usage from a time on moves to it, and billing recomputes all',
      tags,
      ...requires('operator'),
      request: { query: NO_QUERY, body: jsonBody(PromotionBody) },
      responses: {
        ...json(200, 'Named, or the effect that it would have.', PromotionResultSchema),
        ...problems(409, 413, 415),
      },
    }),
    async (c) => {
      const body = c.req.valid('json');
      const asked = askedOf(body, deps.now(), deps.rules.bucketSeconds * 1000);
      const result = await promoteCallers(asked, contextOf(c.get('caller'), body.dryRun));
      if (!body.dryRun && result.refusals.length > 0) throw promotionProblem(result.refusals);
      return c.json(resultJson(result), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/callers/promotions',
      operationId: 'listPromotions',
      summary: 'Callers that were named as one client, newest first',
      tags,
      ...anyRole(),
      request: { query: z.strictObject(pageFields(UUID_KEY)) },
      responses: { ...pageResponse(PromotionSchema, 'PromotionPage'), ...problems() },
    }),
    async (c) => {
      const { limit, after } = pageAsk(c.req.valid('query'));
      const found = await deps.promotions.promotions(limit + 1, after);
      const items = found.slice(0, limit);
      const next = found.length > limit ? items.at(-1)!.id : null;
      return c.json(pageJson({ items, next }, promotionJson), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/callers/promotions/{promotionId}/undo',
      operationId: 'undoPromotion',
      summary:
        'Return the usage of a promotion to the callers and revoke its ranges; issued invoices get credit notes',
      tags,
      ...requires('operator'),
      request: { query: NO_QUERY, params: z.object({ promotionId: RecordId }), body: jsonBody(UndoBody) },
      responses: {
        ...json(200, 'Undone, or the effect that it would have.', PromotionResultSchema),
        ...problems(404, 409, 413, 415),
      },
    }),
    async (c) => {
      const { promotionId } = c.req.valid('param');
      const { reason, dryRun } = c.req.valid('json');
      const result = await undoPromotion(promotionId, reason, contextOf(c.get('caller'), dryRun));
      if (result === null) {
        throw fieldProblem(404, 'promotionId', 'does not exist', 'see /v1/callers/promotions');
      }
      if (result === 'undone') {
        throw new HttpProblem(409, 'The promotion was undone before.', { code: 'conflict' });
      }
      if (!dryRun && result.refusals.length > 0) throw promotionProblem(result.refusals);
      return c.json(resultJson(result), 200);
    },
  );
}

function askedOf(body: z.output<typeof PromotionBody>, nowMs: number, bucketMs: number): PromotionAsked {
  const { client, callers, ranges, from, reason } = body;
  const callerIds = [...new Set(callers)].sort();
  const stranger = callerIds.find((id) => !isCaller(id) || !isCallerId(id));
  if (stranger !== undefined) {
    const reasonOf = stranger.startsWith('net:')
      ? 'has a range of callers, which is never billed'
      : 'has an id that is not of an unknown caller';
    throw fieldProblem(
      400,
      'callers',
      `${reasonOf}: ${stranger}`,
      'use ids of GET /v1/callers that begin with addr:',
    );
  }
  if (from > nowMs) throw fieldProblem(400, 'from', 'is in the future', 'use a time in the past');
  return {
    ...{ clientId: client.id, name: client.name ?? null, callerIds, reason },
    ranges: ranges === undefined ? callerIds.map(ownRange) : canonicalRanges(ranges),
    fromMs: Math.ceil(from / bucketMs) * bucketMs,
    untilMs: Math.ceil((nowMs + RANGES_IN_USE_MS) / bucketMs) * bucketMs,
  };
}

function canonicalRanges(ranges: readonly string[]): string[] {
  const found = ranges.map((range, at) => ({ field: `ranges.${at}`, ...canonicalNetwork(range) }));
  const faults = found.flatMap((one) => (one.ok ? [] : [{ field: one.field, ...one.fault }]));
  if (faults.length > 0) throw faultsProblem(faults);
  return [...new Set(found.flatMap((one) => (one.ok ? [one.cidr] : [])))];
}
