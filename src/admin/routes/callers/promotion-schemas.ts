/** Request and response schemas of promotions. */

import { z } from '@hono/zod-openapi';
import type { PromotionResult } from '../../../callers/promote.ts';
import type { Promotion } from '../../../callers/promotion-port.ts';
import { isoTimestamp, isoTimestampOrNull } from '../../../report/timestamp.ts';
import { ClientId, DryRun, lineOfText, Reason, RecordId, TimestampIn, TimestampOut } from '../../fields.ts';
import { NewClientId } from '../clients/client-schemas.ts';
import { movedEffectFields, movedEffectJson } from './moved-effect.ts';
import { refusalFaults } from './promotion-refusal.ts';

const MAX_CALLERS = 10_000;
const MAX_RANGES = 5_000;

export const PromotionBody = z
  .strictObject({
    client: z.strictObject({
      id: NewClientId.openapi({ description: 'An existing client, or the id of a new one.' }),
      name: lineOfText(200).optional().openapi({ description: 'Name of a new client. Default: its id.' }),
    }),
    callers: z
      .array(ClientId)
      .min(1)
      .max(MAX_CALLERS)
      .openapi({ description: 'Ids of unknown callers, `addr:...`.', example: ['addr:203.0.113.7'] }),
    ranges: z
      .array(z.string().max(64))
      .max(MAX_RANGES)
      .optional()
      .openapi({
        description:
          'Address ranges by which the client is recognised from now on. Default: the addresses of the callers. []: none, only the usage so far moves.',
        example: ['203.0.113.0/24'],
      }),
    from: TimestampIn.openapi({
      description: 'Start of the usage that moves, rounded up to a whole bucket.',
    }),
    reason: Reason,
    dryRun: DryRun,
  })
  .openapi('NewPromotion');

export const UndoBody = z.strictObject({ reason: Reason, dryRun: DryRun }).openapi('PromotionUndo');

const count = z.int().min(0);

export const PromotionResultSchema = z
  .object({
    id: RecordId.nullable().openapi({
      description: 'By which the promotion can be undone. null: nothing changed, or a dry run.',
    }),
    client: z.object({ id: z.string(), isNew: z.boolean() }),
    moved: z.object({ callers: count, posts: count }),
    ranges: z.object({
      added: z.array(z.string()),
      uncovered: count.openapi({
        description: 'Callers in no range of the client. Their later usage stays with their addresses.',
      }),
    }),
    ...movedEffectFields,
    refusals: z
      .array(z.object({ field: z.string(), reason: z.string(), hint: z.string() }))
      .openapi({ description: 'In a dry run: why it would be refused.' }),
  })
  .openapi('PromotionResult');

export const PromotionSchema = z
  .object({
    id: RecordId,
    clientId: z.string(),
    callers: count,
    ranges: count,
    from: TimestampOut,
    until: TimestampOut,
    posts: count.openapi({ description: 'Posts that moved at that time.' }),
    at: TimestampOut,
    actor: z.string(),
    reason: z.string(),
    undoneAt: TimestampOut.nullable(),
    undoneBy: z.string().nullable(),
  })
  .openapi('Promotion');

export function promotionJson(promotion: Promotion) {
  const { callerIds, identifierIds, fromMs, untilMs, atMs, undoneAtMs, ...same } = promotion;
  return {
    ...same,
    ...{ callers: callerIds.length, ranges: identifierIds.length },
    ...{ from: isoTimestamp(fromMs), until: isoTimestamp(untilMs) },
    ...{ at: isoTimestamp(atMs), undoneAt: isoTimestampOrNull(undoneAtMs) },
  };
}

export function resultJson(result: PromotionResult) {
  const { id, clientId, isNewClient, callers, posts, addedRanges, uncovered } = result;
  return {
    id,
    client: { id: clientId, isNew: isNewClient },
    moved: { callers, posts },
    ranges: { added: [...addedRanges], uncovered },
    ...movedEffectJson(result),
    refusals: refusalFaults(result.refusals),
  };
}
