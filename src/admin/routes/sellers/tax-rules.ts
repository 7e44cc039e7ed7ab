/** Routes of the tax rules of sellers. Rules are final: a later one replaces a rule. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoTimestamp } from '../../../report/timestamp.ts';
import { BUYER_SCOPES, CLAIM_KINDS, TAX_CATEGORIES } from '../../../seller/model.ts';
import { taxRuleFaults } from '../../../seller/tax-rule.ts';
import { anyRole, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import { lineOfText, NO_QUERY, TimestampIn, TimestampOut } from '../../fields.ts';
import { pageResponse } from '../../paging.ts';
import { faultsProblem, fieldProblem, problems } from '../../problem.ts';
import type { TaxRuleRecord } from '../../sellers/settings-port.ts';
import { activeSeller, existingSeller, unknownSeller } from './existing.ts';
import { LanguageCode, sellerParams, translatedText } from './seller-schemas.ts';

const tags = ['sellers'];
const path = '/v1/sellers/{sellerId}/tax-rules';

const rate = z
  .int()
  .min(0)
  .max(10_000)
  .openapi({ description: 'Hundredths of a percent: 1900 is 19 %.', example: 1900 });

const NewTaxRule = z
  .strictObject({
    appliesTo: z.enum(CLAIM_KINDS),
    buyerScope: z.enum(BUYER_SCOPES).default('any').openapi({
      description: 'Which buyers. The narrowest scope that fits applies.',
    }),
    category: z.enum(TAX_CATEGORIES).openapi({
      description:
        'O: not subject to VAT. S: standard rate. Z: zero rate. E: exempt. AE: reverse charge. G: export. K: intra-community supply.',
    }),
    rateBp: rate.default(0),
    exemptionCode: lineOfText(30)
      .nullable()
      .default(null)
      .openapi({ description: 'Of the code list VATEX.', example: 'VATEX-EU-O' }),
    reason: translatedText(lineOfText(300))
      .default({})
      .openapi({ description: 'Printed on the invoice, by language. Required for O, E, AE, G and K.' }),
    validFrom: TimestampIn.optional().openapi({ description: 'Default: now.' }),
  })
  .openapi('NewTaxRule');

export const TaxRuleSchema = z
  .object({
    ...{ id: z.string(), sellerId: z.string(), appliesTo: z.enum(CLAIM_KINDS) },
    ...{ buyerScope: z.enum(BUYER_SCOPES), category: z.enum(TAX_CATEGORIES), rateBp: rate },
    exemptionCode: z.string().nullable(),
    reason: z.partialRecord(LanguageCode, z.string()),
    ...{ validFrom: TimestampOut, createdAt: TimestampOut, createdBy: z.string() },
  })
  .openapi('TaxRule');

export function taxRuleRoutes(
  app: AdminApp,
  { sellers, now, newId }: Pick<AdminDeps, 'sellers' | 'now' | 'newId'>,
): void {
  app.openapi(
    createRoute({
      method: 'get',
      path,
      operationId: 'listTaxRules',
      summary: 'Tax rules of a seller, latest start first',
      tags,
      ...anyRole(),
      request: { query: NO_QUERY, params: sellerParams },
      responses: { ...pageResponse(TaxRuleSchema, 'TaxRulePage'), ...problems(404) },
    }),
    async (c) => {
      const { sellerId } = c.req.valid('param');
      const found = existingSeller(await sellers.taxRules(sellerId), sellerId);
      return c.json({ items: found.map(taxRuleJson), next: null }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path,
      operationId: 'addTaxRule',
      summary: 'Add a tax rule; invoices that are already issued keep theirs',
      tags,
      ...requires('admin'),
      request: { query: NO_QUERY, params: sellerParams, body: jsonBody(NewTaxRule) },
      responses: { ...json(201, 'Added.', TaxRuleSchema), ...problems(404, 409, 413, 415) },
    }),
    async (c) => {
      const { sellerId } = c.req.valid('param');
      const { validFrom, ...given } = c.req.valid('json');
      const atMs = now();
      const faults = taxRuleFaults(given);
      if (faults.length > 0) throw faultsProblem(faults);
      await activeSeller(sellers, sellerId);
      const rule = { ...given, id: newId(), sellerId, validFromMs: validFrom ?? atMs };
      const added = await sellers.addTaxRule(rule, { actor: c.get('caller').actor, atMs });
      if (added === 'unknown_seller') throw unknownSeller(sellerId);
      if (added === 'same_moment') {
        const reason = 'is that of another rule for the same claims and buyers';
        throw fieldProblem(409, 'validFrom', reason, 'choose another start', 'already_exists');
      }
      return c.json(taxRuleJson(added), 201);
    },
  );
}

function taxRuleJson({ validFromMs, createdAtMs, ...rest }: TaxRuleRecord) {
  return { ...rest, validFrom: isoTimestamp(validFromMs), createdAt: isoTimestamp(createdAtMs) };
}
