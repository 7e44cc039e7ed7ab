/** Routes of the levels of dunning of sellers: when an unpaid invoice is reminded, and in which words. */

import { createRoute, z } from '@hono/zod-openapi';
import { DUNNING_LEVELS } from '../../../receivable/dunning.ts';
import { type DunningSetting, dunningFaults, MAX_DUNNING_LEVELS } from '../../../seller/dunning.ts';
import { anyRole, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { lineOfText, linesOfText, NO_QUERY } from '../../fields.ts';
import { faultsProblem, problems } from '../../problem.ts';
import { activeSeller, existingSeller } from './existing.ts';
import { LanguageCode, sellerParams, translatedText } from './seller-schemas.ts';

const tags = ['sellers'];
const path = '/v1/sellers/{sellerId}/dunning-levels';

const DunningLevelIn = z.strictObject({
  daysAfterDue: z.int().min(1).max(365),
  title: translatedText(lineOfText(100)).default({}),
  text: translatedText(linesOfText(2000)).default({}),
  isAutomatic: z.boolean().default(true),
});

const DunningLevelsBody = z
  .strictObject({ levels: z.array(DunningLevelIn).max(MAX_DUNNING_LEVELS) })
  .openapi('DunningLevelsChange', { description: "In order. []: the product's levels apply." });

export const DunningLevelsSchema = z
  .object({
    isOwn: z.boolean().openapi({ description: "false: the product's levels apply." }),
    levels: z.array(
      z.object({
        ...{ level: z.int(), daysAfterDue: z.int(), isAutomatic: z.boolean() },
        title: z.partialRecord(LanguageCode, z.string()),
        text: z.partialRecord(LanguageCode, z.string()),
      }),
    ),
  })
  .openapi('DunningLevels');

export function dunningLevelRoutes(
  app: AdminApp,
  { sellers, now }: Pick<AdminDeps, 'sellers' | 'now'>,
): void {
  app.openapi(
    createRoute({
      method: 'get',
      path,
      operationId: 'getDunningLevels',
      summary: 'When unpaid invoices of a seller are reminded, and in which words',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY, params: sellerParams },
      responses: { ...json(200, 'The levels.', DunningLevelsSchema), ...problems(404) },
    }),
    async (c) => {
      const { sellerId } = c.req.valid('param');
      return c.json(levelsJson(existingSeller(await sellers.dunningLevels(sellerId), sellerId)), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'put',
      path,
      operationId: 'setDunningLevels',
      summary: 'Set the levels of dunning of a seller, or return to those of the product',
      tags,
      ...requires('admin'),
      request: { query: NO_QUERY, params: sellerParams, body: jsonBody(DunningLevelsBody) },
      responses: { ...json(200, 'Set.', DunningLevelsSchema), ...problems(404, 409, 413, 415) },
    }),
    async (c) => {
      const { sellerId } = c.req.valid('param');
      const { levels } = c.req.valid('json');
      const faults = dunningFaults(levels);
      if (faults.length > 0) throw faultsProblem(faults);
      await activeSeller(sellers, sellerId);
      const set = await sellers.setDunningLevels(sellerId, levels, {
        ...{ actor: c.get('caller').actor, atMs: now() },
      });
      return c.json(levelsJson(existingSeller(set, sellerId)), 200);
    },
  );
}

function levelsJson(own: readonly DunningSetting[]) {
  const levels = own.length === 0 ? DUNNING_LEVELS.map((level) => ({ ...level, title: {}, text: {} })) : own;
  return {
    isOwn: own.length > 0,
    levels: levels.map(({ daysAfterDue, title, text, isAutomatic }, at) => ({
      ...{ level: at + 1, daysAfterDue, isAutomatic, title: { ...title }, text: { ...text } },
    })),
  };
}
