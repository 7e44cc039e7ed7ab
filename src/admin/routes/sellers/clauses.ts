/** Routes of clauses: versions of the terms that claims rest on. The product ships those of X. */

import { createRoute, z } from '@hono/zod-openapi';
import { isoTimestamp, isoTimestampOrNull } from '../../../report/timestamp.ts';
import type { Clause } from '../../../seller/model.ts';
import { tariffOfClause } from '../../../seller/tariff-of-clause.ts';
import { X_CLAUSES } from '../../../seller/x-clauses.ts';
import { formatMoney, parseMoney } from '../../../tariff/money.ts';
import { tariffToJson } from '../../../tariff/terms.ts';
import { anyRole, requires } from '../../auth.ts';
import { json, jsonBody } from '../../content.ts';
import type { AdminApp, AdminDeps } from '../../deps.ts';
import {
  AmountOut,
  CurrencyCode,
  lineOfText,
  linesOfText,
  NO_QUERY,
  Reason,
  TimestampIn,
  TimestampOut,
} from '../../fields.ts';
import { ID_KEY, pageAsk, pageFields, pageJson, pageResponse } from '../../paging.ts';
import { fieldProblem, problems } from '../../problem.ts';
import type { ClauseRecord } from '../../sellers/settings-port.ts';
import { TariffTerms } from '../tariffs/tariff-schemas.ts';
import { ChosenId, LanguageCode, translatedText } from './seller-schemas.ts';

const tags = ['sellers'];
const MAX_POSTS = 1_000_000_000_000;

const NewClause = z
  .strictObject({
    id: ChosenId,
    family: ChosenId.openapi({ description: 'Versions of the same terms. A seller names one family.' }),
    variant: ChosenId.openapi({ example: 'eu' }),
    name: lineOfText(200),
    text: linesOfText(8000).openapi({ description: 'The quoted text.' }),
    source: lineOfText(300).openapi({ description: 'Where it was published.' }),
    law: lineOfText(200),
    currency: CurrencyCode,
    price: z.string().max(40).openapi({ description: 'In major units.', example: '15000.00' }),
    threshold: z.int().min(0).max(MAX_POSTS).openapi({ description: 'Posts in a window.' }),
    claimPeriods: z
      .array(z.strictObject({ label: translatedText(lineOfText(100)), months: z.int().min(1).max(600) }))
      .max(5)
      .refine((periods) => periods.every(({ label }) => label.en !== undefined), {
        error: 'contains a label without `en`',
        params: { hint: 'send `en`, which other languages without a text use' },
      })
      .openapi({ description: 'After which claims expire, from the first minute of a breach.' }),
    validFrom: TimestampIn,
    reason: Reason,
  })
  .openapi('NewClause');

export const ClauseSchema = z
  .object({
    ...{ id: z.string(), family: z.string(), variant: z.string(), name: z.string(), text: z.string() },
    ...{ source: z.string(), law: z.string(), currency: z.string(), price: AmountOut, threshold: z.int() },
    claimPeriods: z.array(z.object({ label: z.partialRecord(LanguageCode, z.string()), months: z.int() })),
    terms: TariffTerms.openapi({
      description: 'A tariff of this price and threshold, as a new version of a tariff takes it.',
    }),
    validFrom: TimestampOut,
    isShipped: z.boolean().openapi({ description: 'true: a part of the product.' }),
    ...{
      createdAt: TimestampOut.nullable(),
      createdBy: z.string().nullable(),
      reason: z.string().nullable(),
    },
  })
  .openapi('Clause');

export function clauseRoutes(app: AdminApp, { sellers, now }: Pick<AdminDeps, 'sellers' | 'now'>): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/clauses',
      operationId: 'listClauses',
      summary: 'Clauses by id: those that the product ships, and those that were added',
      tags,
      ...anyRole(),
      request: { query: z.strictObject(pageFields(ID_KEY)) },
      responses: { ...pageResponse(ClauseSchema, 'ClausePage'), ...problems() },
    }),
    async (c) => {
      const { limit, after } = pageAsk(c.req.valid('query'));
      const all = [...X_CLAUSES, ...(await sellers.ownClauses())].sort((a, b) => (a.id < b.id ? -1 : 1));
      const rest = all.filter(({ id }) => after === null || id > after);
      const items = rest.slice(0, limit);
      const next = rest.length > limit ? items.at(-1)!.id : null;
      return c.json(pageJson({ items, next }, clauseJson), 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/clauses',
      operationId: 'addClause',
      summary: 'Add a version of terms; an invoice cites the one in force at the start of its breach',
      tags,
      ...requires('admin'),
      request: { query: NO_QUERY, body: jsonBody(NewClause) },
      responses: { ...json(201, 'Added.', ClauseSchema), ...problems(409, 413, 415) },
    }),
    async (c) => {
      const { price, threshold, validFrom, reason, ...given } = c.req.valid('json');
      const money = parseMoney(price, given.currency);
      if (!money.ok) {
        throw fieldProblem(400, 'price', money.reason, 'use a decimal number such as 15000.00');
      }
      const { minor: priceMinor } = money;
      const clause = { ...given, priceMinor, thresholdPosts: threshold, validFromMs: validFrom };
      const added =
        shippedConflict(clause) ??
        (await sellers.addClause(clause, reason, { actor: c.get('caller').actor, atMs: now() }));
      if (added === 'taken') {
        throw fieldProblem(409, 'id', 'is taken', 'choose another id', 'already_exists');
      }
      if (added === 'same_moment') {
        const why = 'is that of another version of the family in this currency';
        throw fieldProblem(
          409,
          'validFrom',
          why,
          'choose another start, or another family',
          'already_exists',
        );
      }
      return c.json(clauseJson(added), 201);
    },
  );
}

function shippedConflict({ id, family, currency, validFromMs }: Clause): 'taken' | 'same_moment' | null {
  if (X_CLAUSES.some((shipped) => shipped.id === id)) return 'taken';
  const isSameMoment = X_CLAUSES.some(
    (shipped) =>
      shipped.family === family && shipped.currency === currency && shipped.validFromMs === validFromMs,
  );
  return isSameMoment ? 'same_moment' : null;
}

function clauseJson(clause: Clause | ClauseRecord) {
  const { priceMinor, thresholdPosts, validFromMs, claimPeriods, ...rest } = clause;
  const { id, family, variant, name, text, source, law, currency } = rest;
  const own = 'createdAtMs' in clause ? clause : null;
  return {
    ...{ id, family, variant, name, text, source, law, currency },
    ...{ price: formatMoney(priceMinor, currency), threshold: thresholdPosts },
    claimPeriods: claimPeriods.map(({ label, months }) => ({ label: { ...label }, months })),
    terms: tariffToJson(tariffOfClause(clause)),
    validFrom: isoTimestamp(validFromMs),
    isShipped: own === null,
    createdAt: isoTimestampOrNull(own?.createdAtMs ?? null),
    ...{ createdBy: own?.createdBy ?? null, reason: own?.reason ?? null },
  };
}
